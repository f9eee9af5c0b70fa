//! The tasks of a service, like ones counted together: the scheduler looks at a service whenever
//! one of its tasks changes, and must not go through thousands of others each time.

use crate::model::{
    CapacityProviderId, ContainerInstanceId, ContainerInstanceStatus, FargatePlace, ProfileId,
    ServiceId, TaskId, TaskStatus,
};
use crate::simulation::Simulation;

/// What a task counts as for the lower limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::simulation) enum Counted {
    Healthy,
    Unhealthy,
    /// Neither yet.
    Unsettled,
}

/// What a task runs on, as far as it says in which zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::simulation) enum Host {
    /// An instance of a profile.
    Instance(ProfileId),
    Fargate(FargatePlace),
}

/// All that the scheduler tells the tasks of a service apart by when it counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::simulation) struct TaskClass {
    /// Place in the service's list of deployments.
    pub(in crate::simulation) deployment: usize,
    pub(in crate::simulation) status: TaskStatus,
    /// Whether it has reached RUNNING.
    pub(in crate::simulation) has_started: bool,
    pub(in crate::simulation) counted: Counted,
    /// Whether its instance drains, or the Fargate host under it is being retired.
    pub(in crate::simulation) is_draining: bool,
    /// Whether it is stopped, unhealthy, so that its replacement has room.
    pub(in crate::simulation) makes_room: bool,
    pub(in crate::simulation) provider: Option<CapacityProviderId>,
    /// `None` while it has no place.
    pub(in crate::simulation) host: Option<Host>,
}

impl TaskClass {
    pub(super) fn is_healthy(&self) -> bool {
        self.has_started && self.counted == Counted::Healthy
    }
}

impl Simulation<'_> {
    /// The classes that the tasks of a service are of, with the number of each.
    pub(in crate::simulation) fn classes(
        &self,
        service: ServiceId,
    ) -> impl Iterator<Item = (&TaskClass, u32)> + use<'_> {
        debug_assert!(
            self.classes_are_true(service),
            "a change of a task is to be told by `reclassify`"
        );
        let classes = self.service(service).classes.iter();
        classes.map(|(class, count)| (class, *count))
    }

    /// A task may have changed: if a service owns it, it is counted as what it is now.
    pub(in crate::simulation) fn reclassify(&mut self, task: TaskId) {
        let Some(owned) = self.services.task(task) else {
            return;
        };
        let (service, before) = (owned.service, owned.class);
        let class = self.class_of(task);
        if before == Some(class) {
            return;
        }
        if let Some(owned) = self.services.task_mut(task) {
            owned.class = Some(class);
        }
        let state = self.service_mut(service);
        *state.classes.entry(class).or_default() += 1;
        if let Some(before) = before {
            state.declassify(before);
        }
    }

    /// An instance has begun or ceased to drain, and so have the tasks on it.
    pub(in crate::simulation) fn reclassify_tasks_on(&mut self, on: ContainerInstanceId) {
        if self.services.list.is_empty() || self.cluster.instance(on).live_tasks == 0 {
            return;
        }
        let live = self.cluster.live_tasks();
        let hosted: Vec<TaskId> = live
            .filter(|(_, row)| row.instance == Some(on))
            .map(|(task, _)| task)
            .collect();
        for task in hosted {
            self.reclassify(task);
        }
    }

    /// The zone of the tasks of a class.
    pub(super) fn zone_of_class(&self, class: &TaskClass) -> Option<&str> {
        Some(match class.host? {
            Host::Instance(profile) => self.cluster.profile_by_id(profile).availability_zone(),
            Host::Fargate(place) => self.cluster.fargate().zone_name(place.zone),
        })
    }

    fn class_of(&self, task: TaskId) -> TaskClass {
        let row = self.cluster.task(task);
        let owned = self.services.owned(task);
        let drains = row.instance.is_some_and(|on| {
            self.cluster.instance(on).status == ContainerInstanceStatus::Draining
        });
        let on_instance = row.instance.map(|on| {
            let profile = self.cluster.instance(on).profile;
            Host::Instance(profile)
        });
        TaskClass {
            deployment: owned.deployment,
            status: row.last_status,
            has_started: row.started_at.is_some(),
            counted: if owned.health.is_unhealthy() {
                Counted::Unhealthy
            } else if owned.health.is_healthy() {
                Counted::Healthy
            } else {
                Counted::Unsettled
            },
            is_draining: drains || owned.retires,
            makes_room: owned.makes_room,
            provider: row.capacity_provider,
            host: on_instance.or(row.fargate.map(Host::Fargate)),
        }
    }

    /// Whether each task is counted as what it is: the slow way to the same counts.
    fn classes_are_true(&self, service: ServiceId) -> bool {
        let state = self.service(service);
        let mut classes = std::collections::BTreeMap::new();
        for task in &state.tasks {
            *classes.entry(self.class_of(*task)).or_insert(0) += 1;
        }
        classes == state.classes
    }
}

impl super::ServiceState {
    /// A task is no longer of a class.
    pub(super) fn declassify(&mut self, class: TaskClass) {
        if let Some(count) = self.classes.get_mut(&class) {
            *count -= 1;
            if *count == 0 {
                self.classes.remove(&class);
            }
        }
    }
}
