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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::{ContainerExit, Effect, Fate, Starts, TaskBehavior, TaskStart};
    use crate::cloud::testing::{container, definition};
    use crate::kernel::{Distribution, Streams};
    use crate::model::{EntryId, TaskDefinitionId};
    use crate::units::{Millis, SimTime};

    fn behavior(effect: Effect) -> TaskBehavior {
        TaskBehavior {
            definition: None,
            entry: None,
            starts: Starts::ALL,
            container: None,
            effect,
        }
    }

    fn start(number: u64, placed_at: u64) -> TaskStart<'static> {
        TaskStart {
            definition: None,
            entry: EntryId(4),
            number,
            placed_at: SimTime(placed_at),
        }
    }

    fn strikes(behavior: &TaskBehavior, start: &TaskStart<'_>) -> bool {
        let mut stream = Streams::new(1).open("behavior", "web/1");
        Fate::of(std::slice::from_ref(behavior), start, &mut stream).is_some()
    }

    #[test]
    fn a_behavior_strikes_the_starts_that_it_names() {
        let all = Starts::ALL;
        let third = NonZeroU64::new(3).unwrap();
        for (starts, expected) in [
            (all.clone(), vec![1, 2, 3, 4, 5, 6, 7]),
            (
                Starts {
                    every: third,
                    ..all.clone()
                },
                vec![3, 6],
            ),
            (
                Starts {
                    first: 2,
                    last: Some(4),
                    ..all.clone()
                },
                vec![2, 3, 4],
            ),
            (
                Starts {
                    from: SimTime(300),
                    until: Some(SimTime(500)),
                    ..all.clone()
                },
                vec![3, 4],
            ),
            (
                Starts {
                    every: third,
                    first: 4,
                    until: Some(SimTime(700)),
                    ..all
                },
                vec![6],
            ),
        ] {
            let mut wish = behavior(Effect::IgnoreSigterm);
            wish.starts = starts;
            let struck: Vec<u64> = (1..=7)
                .filter(|&number| strikes(&wish, &start(number, number * 100)))
                .collect();
            assert_eq!(struck, expected, "{:?}", wish.starts);
        }
    }

    #[test]
    fn a_behavior_strikes_the_tasks_of_its_definition_and_its_service() {
        let own = definition(vec![container("app", true, &[])]);
        let with = |id: u32, entry: u32| TaskStart {
            definition: Some((TaskDefinitionId(id), &own)),
            entry: EntryId(entry),
            ..start(1, 0)
        };
        let mut wish = behavior(Effect::IgnoreSigterm);
        wish.definition = Some(TaskDefinitionId(2));
        assert!(strikes(&wish, &with(2, 0)));
        assert!(!strikes(&wish, &with(1, 0)));
        assert!(!strikes(&wish, &start(1, 0)));
        wish.entry = Some(EntryId(7));
        assert!(strikes(&wish, &with(2, 7)));
        assert!(!strikes(&wish, &with(2, 4)));
    }

    #[test]
    fn a_behavior_strikes_the_named_container_or_the_first_essential_one() {
        let own = definition(vec![
            container("side", false, &[]),
            container("app", true, &[]),
        ]);
        let task = TaskStart {
            definition: Some((TaskDefinitionId(0), &own)),
            ..start(1, 0)
        };
        let ignoring = |name: Option<&str>| {
            let mut wish = behavior(Effect::IgnoreSigterm);
            wish.container = name.map(str::to_owned);
            let mut stream = Streams::new(1).open("behavior", "web/1");
            let fate = Fate::of(&[wish], &task, &mut stream)?;
            Some([fate.ignores_sigterm(0), fate.ignores_sigterm(1)])
        };
        assert_eq!(ignoring(None), Some([false, true]));
        assert_eq!(ignoring(Some("side")), Some([true, false]));
        assert_eq!(ignoring(Some("no such container")), None);
    }

    #[test]
    fn a_fate_depends_on_the_stream_of_its_task_alone() {
        let law = || Distribution::Uniform {
            min: Millis(0),
            max: Millis(1_000_000),
        };
        let wishes = [
            behavior(Effect::Exit {
                after: law(),
                exit_code: 3,
            }),
            behavior(Effect::SlowReadiness { after: law() }),
            behavior(Effect::Unhealthy { after: law() }),
            behavior(Effect::FailToStart { after: law() }),
        ];
        let fate = |wishes: &[TaskBehavior], task: &str| {
            let mut stream = Streams::new(1).open("behavior", task);
            Fate::of(wishes, &start(1, 0), &mut stream).unwrap()
        };
        let (one, two) = (fate(&wishes, "web/1"), fate(&wishes, "web/2"));
        assert_eq!(one, fate(&wishes, "web/1"));
        assert_ne!(one.exit(0), two.exit(0));
        assert_ne!(one.ready_after(0), one.unhealthy_after(0).unwrap());
        // A wish more at the end leaves those before it alone.
        assert_eq!(fate(&wishes[..1], "web/1").exit(0), one.exit(0));
        assert_eq!(one.start_failure(1), None);
    }

    #[test]
    fn the_first_of_the_ends_of_a_container_counts() {
        let after = |ms| Distribution::Fixed(Millis(ms));
        let wishes = [
            behavior(Effect::Exit {
                after: after(900),
                exit_code: 1,
            }),
            behavior(Effect::OutOfMemory { after: after(500) }),
            behavior(Effect::Exit {
                after: after(700),
                exit_code: 0,
            }),
        ];
        let mut stream = Streams::new(1).open("behavior", "web/1");
        let fate = Fate::of(&wishes, &start(1, 0), &mut stream).unwrap();
        let exit = ContainerExit {
            after: Millis(500),
            exit_code: 137,
            out_of_memory: true,
        };
        assert_eq!(fate.exit(0), Some(exit));
    }
}
