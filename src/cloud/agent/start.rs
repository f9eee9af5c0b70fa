//! From placement to RUNNING, or to a stop before it.

use crate::cloud::image_pull::PullOutcome;
use crate::model::{ContainerCondition, ContainerDependency, Stop, StoppedReason};
use crate::units::{Millis, SimTime};

use super::{Launch, health_check};

/// How the start of a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartEnd {
    /// Every container has been started: RUNNING.
    Running(SimTime),
    /// It is asked to stop before.
    Fails {
        /// When.
        at: SimTime,
        /// Code and reason.
        stop: Stop,
    },
}

/// What the start comes to for one container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContainerStart {
    /// Whether it pulled its image, and so holds it on the instance.
    pub holds_image: bool,
    /// When it was started, if it was.
    pub started_at: Option<SimTime>,
    /// When it was over, if that was before RUNNING or instead of being started.
    pub over_at: Option<SimTime>,
}

/// What happens to a task from its placement on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartPlan {
    /// When the agent sets about it: at once, since what the task reserves is free.
    pub activating_at: SimTime,
    /// `pullStoppedAt`: when the last pull ended.
    pub pulled_at: SimTime,
    /// How it ends.
    pub end: StartEnd,
    /// The containers, in the order of the definition.
    pub containers: Vec<ContainerStart>,
}

/// Plans the start of a task.
///
/// Containers that wait for nothing are pulled side by side from the beginning, and started the
/// start latency after. A container that waits for others pulls once they are what it waits for,
/// and is started as soon as its image is there. `pull` is asked once for each container that
/// comes to its pull, in the order of their beginnings: which container, and how long after the
/// placement.
///
/// An essential container that cannot be pulled or started stops the task; another one is left
/// out, and only those that wait for it feel it. How long a container is waited for is its own
/// `startTimeout`, counted from its start (Developer Guide, "Task definition parameters"; source of
/// the agent).
pub fn plan_start(
    launch: &Launch<'_>,
    pull: &mut dyn FnMut(usize, Millis) -> PullOutcome,
) -> StartPlan {
    let mut planner = Planner {
        launch,
        lives: vec![None; launch.count()],
        pulled_at: launch.placed_at,
        failure: None,
    };
    while let Some((place, turn)) = planner.next() {
        if planner.failure.is_some_and(|(at, _)| at <= turn.at) {
            break;
        }
        match turn.hopeless {
            Some(reason) => planner.fail(turn.at, reason),
            None => planner.begin(place, turn.at, pull),
        }
    }
    planner.finish()
}

/// When a container's waiting ends, and why it is in vain if it is.
#[derive(Debug, Clone, Copy)]
struct Turn {
    at: SimTime,
    hopeless: Option<StoppedReason>,
}

/// What has been decided of a container.
#[derive(Debug, Clone, Copy)]
struct Life {
    holds_image: bool,
    started_at: Option<SimTime>,
    /// When it is over, and with which exit code; none when it was never started.
    over: Option<(SimTime, Option<u8>)>,
}

struct Planner<'a> {
    launch: &'a Launch<'a>,
    lives: Vec<Option<Life>>,
    pulled_at: SimTime,
    failure: Option<(SimTime, StoppedReason)>,
}

impl Planner<'_> {
    /// Of the containers whose waiting has an end, the one whose turn is first.
    fn next(&self) -> Option<(usize, Turn)> {
        let open = (0..self.lives.len()).filter(|&place| self.lives[place].is_none());
        let turns = open.filter_map(|place| Some((place, self.turn(place)?)));
        turns.min_by_key(|(place, turn)| (turn.at, *place))
    }

    /// A container waits until all that it waits for has come true, or one of them cannot any
    /// more, whatever becomes of the others.
    fn turn(&self, place: usize) -> Option<Turn> {
        let mut met_at = Some(self.launch.placed_at);
        let mut hopeless: Option<(SimTime, StoppedReason)> = None;
        for dependency in self.launch.depends_on(place) {
            let Some(life) = self.lives.get(dependency.container).copied().flatten() else {
                met_at = None;
                continue;
            };
            match self.wait(*dependency, life) {
                Ok(met) => met_at = met_at.map(|at| at.max(met)),
                Err((end, reason)) if hopeless.is_none_or(|(first, _)| end < first) => {
                    hopeless = Some((end, reason));
                }
                Err(_) => {}
            }
        }
        match (hopeless, met_at) {
            (Some((at, reason)), _) => Some(Turn {
                at,
                hopeless: Some(reason),
            }),
            (None, Some(at)) => Some(Turn { at, hopeless: None }),
            (None, None) => None,
        }
    }

    /// When a condition comes true, or when and why it is given up.
    fn wait(
        &self,
        dependency: ContainerDependency,
        life: Life,
    ) -> Result<SimTime, (SimTime, StoppedReason)> {
        let on = dependency.container;
        let Some(started_at) = life.started_at else {
            let at = life.over.map_or(self.launch.placed_at, |(at, _)| at);
            return match dependency.condition {
                ContainerCondition::Complete => Ok(at),
                _ => Err((at, StoppedReason::DependencyFailed)),
            };
        };
        let failed = |at| Err((at, StoppedReason::DependencyFailed));
        let come = match dependency.condition {
            ContainerCondition::Start => return Ok(started_at),
            ContainerCondition::Complete => life.over.map(|(at, _)| Ok(at)),
            ContainerCondition::Success => life.over.map(|(at, code)| match code {
                Some(0) => Ok(at),
                _ => failed(at),
            }),
            ContainerCondition::Healthy => {
                let check = self.launch.container(on);
                let check = check.and_then(|found| found.health_check.as_ref());
                check
                    .and_then(|check| {
                        health_check::healthy_at(check, self.launch.fate, on, started_at)
                    })
                    .map(Ok)
            }
        };
        let limit = started_at.saturating_add(self.launch.start_timeout(on));
        match come {
            Some(Ok(at) | Err((at, _))) if at > limit => {
                Err((limit, StoppedReason::DependencyTimedOut))
            }
            Some(answer) => answer,
            None => Err((limit, StoppedReason::DependencyTimedOut)),
        }
    }

    /// A container's turn has come: pull and start.
    fn begin(
        &mut self,
        place: usize,
        at: SimTime,
        pull: &mut dyn FnMut(usize, Millis) -> PullOutcome,
    ) {
        let launch = self.launch;
        let outcome = match launch.container(place) {
            Some(_) => pull(place, at.since(launch.placed_at)),
            None => PullOutcome::AT_ONCE,
        };
        let pulled_at = at.saturating_add(outcome.duration);
        self.pulled_at = self.pulled_at.max(pulled_at);
        if let Some(error) = outcome.error {
            let reason = StoppedReason::CannotPullContainer(error);
            return self.leave_out(place, pulled_at, false, reason);
        }
        let latency = if launch.depends_on(place).is_empty() {
            launch.start_latency
        } else {
            Millis::ZERO
        };
        let made_at = pulled_at.saturating_add(latency);
        if let Some(after) = launch.fate.start_failure(place) {
            let at = made_at.saturating_add(after);
            return self.leave_out(place, at, true, StoppedReason::CannotStartContainer);
        }
        let over = launch.is_waited_to_end(place).then(|| {
            // Nothing said of it, it does its work at once and well.
            let exit = launch.fate.exit(place);
            let (after, code) = exit.map_or((Millis::ZERO, 0), |e| (e.after, e.exit_code));
            (made_at.saturating_add(after), Some(code))
        });
        self.lives[place] = Some(Life {
            holds_image: true,
            started_at: Some(made_at),
            over,
        });
    }

    /// A container cannot be started.
    fn leave_out(&mut self, place: usize, at: SimTime, holds_image: bool, reason: StoppedReason) {
        self.lives[place] = Some(Life {
            holds_image,
            started_at: None,
            over: Some((at, None)),
        });
        if self.launch.is_essential(place) {
            self.fail(at, reason);
        }
    }

    /// Notes a failure of the task; the earliest counts, of those of an instant the first found.
    fn fail(&mut self, at: SimTime, reason: StoppedReason) {
        if self.failure.is_none_or(|(first, _)| at < first) {
            self.failure = Some((at, reason));
        }
    }

    fn finish(self) -> StartPlan {
        let decided = self.lives.iter().flatten();
        let running_at = decided
            .filter_map(|life| life.started_at.or(life.over.map(|(at, _)| at)))
            .max()
            .unwrap_or(self.launch.placed_at);
        let (end, end_at) = match self.failure {
            Some((at, reason)) => {
                let stop = Stop::failed_to_start(reason);
                (StartEnd::Fails { at, stop }, at)
            }
            None => (StartEnd::Running(running_at), running_at),
        };
        let until_end = |at: &SimTime| *at <= end_at;
        let container = |life: &Option<Life>| {
            life.map_or_else(ContainerStart::default, |life| ContainerStart {
                holds_image: life.holds_image,
                started_at: life.started_at.filter(until_end),
                over_at: life.over.map(|(at, _)| at).filter(until_end),
            })
        };
        StartPlan {
            activating_at: self.launch.placed_at,
            pulled_at: self.pulled_at.min(end_at),
            end,
            containers: self.lives.iter().map(container).collect(),
        }
    }
}
