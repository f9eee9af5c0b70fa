//! How tasks misbehave: a scenario's wishes, and what they come to for one task.

use std::num::NonZeroU64;

use crate::kernel::{Distribution, Stream};
use crate::model::{EntryId, TaskDefinition, TaskDefinitionId};
use crate::units::{Millis, SimTime};

/// A container killed for its memory ends with this code (128 and SIGKILL's 9).
pub const OUT_OF_MEMORY_EXIT_CODE: u8 = 137;

/// Which starts of tasks a behavior strikes: those that satisfy all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starts {
    /// Every so many: task numbers that are multiples of it.
    pub every: NonZeroU64,
    /// The first task number, counted from 1 for each entry or service.
    pub first: u64,
    /// The last task number.
    pub last: Option<u64>,
    /// Tasks placed at or after this point.
    pub from: SimTime,
    /// Tasks placed before this point.
    pub until: Option<SimTime>,
}

impl Starts {
    /// Every start.
    pub const ALL: Self = Self {
        every: NonZeroU64::MIN,
        first: 0,
        last: None,
        from: SimTime::ZERO,
        until: None,
    };

    fn holds(&self, number: u64, at: SimTime) -> bool {
        number.is_multiple_of(self.every.get())
            && number >= self.first
            && self.last.is_none_or(|last| number <= last)
            && at >= self.from
            && self.until.is_none_or(|until| at < until)
    }
}

/// What happens to a container.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// It cannot be started, as turns out so long after its image is there.
    FailToStart {
        /// The law.
        after: Distribution,
    },
    /// It exits, so long after the task is RUNNING; a container that another one waits for to end,
    /// so long after its own start.
    Exit {
        /// The law.
        after: Distribution,
        /// With this code.
        exit_code: u8,
    },
    /// It is killed for its memory, counted as for an exit.
    OutOfMemory {
        /// The law.
        after: Distribution,
    },
    /// So long after its start it answers no more, and every check of it fails.
    Unhealthy {
        /// The law.
        after: Distribution,
    },
    /// Only so long after its start it answers, and checks of it pass.
    SlowReadiness {
        /// The law.
        after: Distribution,
    },
    /// It does not end at the stop signal: it is killed after its `stopTimeout`.
    IgnoreSigterm,
}

/// A wish: what happens to which tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskBehavior {
    /// Only tasks of this definition.
    pub definition: Option<TaskDefinitionId>,
    /// Only tasks of this entry or service.
    pub entry: Option<EntryId>,
    /// Which of their starts.
    pub starts: Starts,
    /// The container; the first essential one when absent. Tasks whose definition has no such
    /// container are left alone.
    pub container: Option<String>,
    /// What happens.
    pub effect: Effect,
}

/// The start of a task, as far as behaviors look at it.
#[derive(Debug, Clone, Copy)]
pub struct TaskStart<'a> {
    /// Its definition and where it stands.
    pub definition: Option<(TaskDefinitionId, &'a TaskDefinition)>,
    /// Its entry or service.
    pub entry: EntryId,
    /// n of its id `<entry or service>/<n>`.
    pub number: u64,
    /// When it was placed.
    pub placed_at: SimTime,
}

impl TaskBehavior {
    /// The container that it strikes in this task.
    fn container_in(&self, start: &TaskStart<'_>) -> Option<usize> {
        let strikes = self
            .definition
            .is_none_or(|wanted| start.definition.is_some_and(|(id, _)| id == wanted))
            && self.entry.is_none_or(|entry| entry == start.entry)
            && self.starts.holds(start.number, start.placed_at);
        if !strikes {
            return None;
        }
        match (&self.container, start.definition) {
            (None, None) => Some(0),
            (Some(_), None) => None,
            (wanted, Some((_, definition))) => {
                definition
                    .containers
                    .iter()
                    .position(|container| match wanted {
                        Some(name) => container.name == *name,
                        None => container.essential,
                    })
            }
        }
    }
}

/// How a container ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerExit {
    /// So long after RUNNING, or after its own start: see [`Effect::Exit`].
    pub after: Millis,
    /// Its exit code.
    pub exit_code: u8,
    /// Whether it was killed for its memory.
    pub out_of_memory: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    FailToStart(Millis),
    Exit(ContainerExit),
    Unhealthy(Millis),
    SlowReadiness(Millis),
    IgnoreSigterm,
}

/// What is going to happen to the containers of one task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fate(Vec<(usize, Drawn)>);

impl Fate {
    /// Draws the fate of a task, from a stream of its own: one draw for each behavior that strikes
    /// it and whose law draws, in the order of the behaviors.
    pub fn of(
        behaviors: &[TaskBehavior],
        start: &TaskStart<'_>,
        stream: &mut Stream,
    ) -> Option<Self> {
        let strikes: Vec<(usize, Drawn)> = behaviors
            .iter()
            .filter_map(|behavior| {
                let container = behavior.container_in(start)?;
                Some((container, draw(&behavior.effect, stream)))
            })
            .collect();
        (!strikes.is_empty()).then_some(Self(strikes))
    }

    fn strikes(&self, container: usize) -> impl Iterator<Item = Drawn> {
        let own = self.0.iter().filter(move |(place, _)| *place == container);
        own.map(|(_, drawn)| *drawn)
    }

    /// After how long the start of a container fails.
    pub fn start_failure(&self, container: usize) -> Option<Millis> {
        let failures = self.strikes(container).filter_map(|drawn| match drawn {
            Drawn::FailToStart(after) => Some(after),
            _ => None,
        });
        failures.min()
    }

    /// How a container ends by itself: the first of its ends.
    pub fn exit(&self, container: usize) -> Option<ContainerExit> {
        let exits = self.strikes(container).filter_map(|drawn| match drawn {
            Drawn::Exit(exit) => Some(exit),
            _ => None,
        });
        exits.min()
    }

    /// After how long a container answers no more.
    pub fn unhealthy_after(&self, container: usize) -> Option<Millis> {
        let spans = self.strikes(container).filter_map(|drawn| match drawn {
            Drawn::Unhealthy(after) => Some(after),
            _ => None,
        });
        spans.min()
    }

    /// After how long a container begins to answer.
    pub fn ready_after(&self, container: usize) -> Millis {
        let spans = self.strikes(container).filter_map(|drawn| match drawn {
            Drawn::SlowReadiness(after) => Some(after),
            _ => None,
        });
        spans.max().unwrap_or_default()
    }

    /// Whether a container does not end at the stop signal.
    pub fn ignores_sigterm(&self, container: usize) -> bool {
        self.strikes(container)
            .any(|drawn| drawn == Drawn::IgnoreSigterm)
    }
}

fn draw(effect: &Effect, stream: &mut Stream) -> Drawn {
    match effect {
        Effect::FailToStart { after } => Drawn::FailToStart(after.sample(stream)),
        Effect::Exit { after, exit_code } => Drawn::Exit(ContainerExit {
            after: after.sample(stream),
            exit_code: *exit_code,
            out_of_memory: false,
        }),
        Effect::OutOfMemory { after } => Drawn::Exit(ContainerExit {
            after: after.sample(stream),
            exit_code: OUT_OF_MEMORY_EXIT_CODE,
            out_of_memory: true,
        }),
        Effect::Unhealthy { after } => Drawn::Unhealthy(after.sample(stream)),
        Effect::SlowReadiness { after } => Drawn::SlowReadiness(after.sample(stream)),
        Effect::IgnoreSigterm => Drawn::IgnoreSigterm,
    }
}
