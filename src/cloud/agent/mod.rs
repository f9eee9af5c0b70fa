//! What the container agent does with one task: start, run, stop.
//!
//! Each plan is made once, when the task is placed, reaches RUNNING, or is asked to stop, and says
//! when everything of it will happen if nobody interferes.

mod health_check;
mod run;
mod start;
mod stop;
#[cfg(test)]
mod tests;

pub use run::{RunPlan, plan_run};
pub use start::{ContainerStart, StartEnd, StartPlan, plan_start};
pub use stop::stop_duration;

use crate::cloud::behavior::Fate;
use crate::model::{ContainerCondition, ContainerDefinition, ContainerDependency, TaskDefinition};
use crate::units::{Millis, SimTime};

/// `ECS_CONTAINER_START_TIMEOUT` on Linux when not set.
const START_TIMEOUT: Millis = Millis(180_000);
/// `ECS_CONTAINER_START_TIMEOUT` on Windows when not set.
const WINDOWS_START_TIMEOUT: Millis = Millis(480_000);
/// `ECS_CONTAINER_STOP_TIMEOUT` when not set.
const STOP_TIMEOUT: Millis = Millis(30_000);

/// Settings of the agents of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgentSettings {
    /// `ECS_CONTAINER_START_TIMEOUT`; when not set 3 min, on Windows 8 min.
    pub start_timeout: Option<Millis>,
    /// `ECS_CONTAINER_STOP_TIMEOUT`; when not set 30 s.
    pub stop_timeout: Option<Millis>,
}

/// A task on its instance.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Its definition; a task without one is a single essential container that asks for nothing.
    pub definition: Option<&'a TaskDefinition>,
    /// When it was placed.
    pub placed_at: SimTime,
    /// What network set-up and the making of its containers take together, image pulls and waits
    /// for one another apart.
    pub start_latency: Millis,
    /// What is going to happen to its containers.
    pub fate: &'a Fate,
    /// The agent's settings.
    pub settings: &'a AgentSettings,
}

impl<'a> Launch<'a> {
    fn containers(&self) -> &'a [ContainerDefinition] {
        self.definition
            .map_or(&[], |definition| definition.containers.as_slice())
    }

    /// How many containers there are: one for a task without a definition.
    fn count(&self) -> usize {
        self.containers().len().max(1)
    }

    fn container(&self, place: usize) -> Option<&'a ContainerDefinition> {
        self.containers().get(place)
    }

    fn is_essential(&self, place: usize) -> bool {
        self.container(place).is_none_or(|found| found.essential)
    }

    fn depends_on(&self, place: usize) -> &'a [ContainerDependency] {
        self.container(place)
            .map_or(&[], |found| found.depends_on.as_slice())
    }

    /// Whether some container waits for the end of this one, which then runs before RUNNING.
    fn is_waited_to_end(&self, place: usize) -> bool {
        let conditions = self.containers().iter().flat_map(|other| &other.depends_on);
        conditions
            .filter(|dependency| dependency.container == place)
            .any(|dependency| {
                matches!(
                    dependency.condition,
                    ContainerCondition::Complete | ContainerCondition::Success
                )
            })
    }

    fn start_timeout(&self, place: usize) -> Millis {
        let windows = self.definition.is_some_and(TaskDefinition::is_windows);
        let default = if windows {
            WINDOWS_START_TIMEOUT
        } else {
            START_TIMEOUT
        };
        let own = self.container(place).and_then(|found| found.start_timeout);
        own.or(self.settings.start_timeout).unwrap_or(default)
    }

    fn stop_timeout(&self, place: usize) -> Millis {
        let own = self.container(place).and_then(|found| found.stop_timeout);
        own.or(self.settings.stop_timeout).unwrap_or(STOP_TIMEOUT)
    }
}
