//! What is scheduled to happen, and in which order things of one instant do.

use crate::model::{AutoScalingGroupId, ServiceId, SpotPoolId, Task, TaskId};

use super::groups::LaunchRef;

/// A task that an event is about. Rows of the table of live tasks are used again, and a task may
/// stop before what was planned for it: an event whose task is no longer there, or no longer in
/// the state it was planned for, does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskRef {
    /// The row.
    pub task: TaskId,
    /// The lower half of the task's serial number.
    serial: u32,
}

impl TaskRef {
    /// A live task.
    pub fn new(task: TaskId, row: &Task) -> Self {
        Self {
            task,
            serial: lower_half(row.serial),
        }
    }

    /// Whether a task is the one that was meant.
    pub fn is(self, row: &Task) -> bool {
        self.serial == lower_half(row.serial)
    }
}

fn lower_half(serial: u64) -> u32 {
    u32::try_from(serial & u64::from(u32::MAX)).expect("half of the bits")
}

/// What becomes of a task's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthChange {
    /// It has been RUNNING for so long that it counts as healthy without any check.
    Settles,
    /// Its containers' checks have passed.
    ContainersHealthy,
    /// Its containers' checks have failed.
    ContainersUnhealthy,
    /// Its targets' checks have passed.
    TargetsHealthy,
    /// Its targets' checks have failed.
    TargetsUnhealthy,
    /// Its application answers.
    Answers,
    /// Its application answers nothing.
    Silent,
    /// Its grace period is over.
    GraceEnds,
}

/// Something that will happen to the cluster. Submissions are not here: they come from the
/// workload, which is in order already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A task on its way reaches RUNNING.
    TaskStarts(TaskRef),
    /// A task on its way does not reach RUNNING.
    TaskFailsToStart(TaskRef),
    /// A running task ends by itself.
    TaskStops(TaskRef),
    /// A task that is deregistered from its targets is stopped now.
    TaskDeactivated(TaskRef),
    /// A stopping task reaches STOPPED.
    TaskStopped(TaskRef),
    /// The health of a running task changes.
    TaskHealth(TaskRef, HealthChange),
    /// The host of a Fargate task is found, its network interface attached.
    FargateProvisioned(TaskRef),
    /// A Fargate Spot task is warned that its capacity is taken back.
    FargateSpotWarning(TaskRef),
    /// What Fargate Spot has is more or less, or is about to fall.
    FargateSpotChanges,
    /// Hosts of Fargate are retired: an entry of the scenario's retirements.
    FargateRetirement(u32),
    /// An incident of the scenario begins.
    IncidentBegins(u32),
    /// An incident of the scenario is over.
    IncidentEnds(u32),
    /// A service is created.
    ServiceCreated(ServiceId),
    /// A service is updated: an entry of `deployments`.
    ServiceUpdated(u32),
    /// Protection of tasks changes: an entry of `taskProtection`.
    TaskProtectionChanged(u32),
    /// The scheduler looks at a DAEMON service: its tasks go ahead of all others.
    DaemonEvaluated(ServiceId),
    /// Clients submit standalone tasks again that have not succeeded.
    TasksRetried,
    /// Capacity has come free while tasks wait: they are tried in order.
    WaitingTried,
    /// A task has been in PROVISIONING for as long as ECS waits for capacity.
    ProvisioningTimesOut(TaskRef),
    /// The scheduler looks at a REPLICA service.
    ServiceEvaluated(ServiceId),
    /// A stage of a service's deployment is over.
    StageEnds(ServiceId, u32),
    /// A scheduled action of a service's scaling.
    ScheduledAction(ServiceId, u32),
    /// An instance that a group has asked for is RUNNING.
    InstanceRuns(LaunchRef),
    /// The agent of a group's instance registers it.
    InstanceRegisters(LaunchRef),
    /// An instance that drains to end is empty, or its time is over.
    InstanceEnds(LaunchRef),
    /// An instance for a warm pool is ready.
    WarmedUp(LaunchRef),
    /// Something is due in a Spot capacity pool.
    SpotPoolDue(SpotPoolId),
    /// The agent of a Spot Instance has seen its interruption notice.
    SpotInstanceDrains(LaunchRef),
    /// A group looks whether it has as many instances as it is to have.
    GroupReconciled(AutoScalingGroupId),
    /// A scheduled action of a group.
    GroupScheduled(AutoScalingGroupId, u32),
    /// An instance refresh of a group begins.
    RefreshBegins(AutoScalingGroupId, u32),
    /// A minute is over: managed scaling looks at its groups.
    CapacityMinute,
    /// A minute is over: metrics are published, load changes, policies and alarms are evaluated.
    Minute,
}

/// The class of submissions: after all that frees or adds capacity in the same instant, and after
/// the waiting tasks have been tried.
pub(super) const SUBMISSION_CLASS: u8 = 6;

impl Event {
    /// Events of one instant happen in order of class: what ends, what begins, what is asked of
    /// services, daemons, who has waited, then what is new, then the controllers. Within a class,
    /// in the order in which they were scheduled.
    pub const fn class(self) -> u8 {
        match self {
            Self::TaskStops(_)
            | Self::TaskStopped(_)
            | Self::TaskDeactivated(_)
            | Self::TaskFailsToStart(_)
            | Self::InstanceEnds(_) => 0,
            Self::TaskStarts(_)
            | Self::TaskHealth(..)
            | Self::InstanceRuns(_)
            | Self::InstanceRegisters(_)
            | Self::WarmedUp(_)
            | Self::FargateProvisioned(_) => 1,
            Self::IncidentBegins(_)
            | Self::IncidentEnds(_)
            | Self::SpotPoolDue(_)
            | Self::SpotInstanceDrains(_)
            | Self::FargateSpotWarning(_)
            | Self::FargateSpotChanges
            | Self::FargateRetirement(_) => 2,
            Self::ServiceCreated(_)
            | Self::ServiceUpdated(_)
            | Self::TaskProtectionChanged(_)
            | Self::GroupScheduled(..)
            | Self::RefreshBegins(..) => 3,
            Self::DaemonEvaluated(_) => 4,
            Self::WaitingTried => 5,
            Self::TasksRetried => SUBMISSION_CLASS,
            Self::ProvisioningTimesOut(_) | Self::StageEnds(..) | Self::ScheduledAction(..) => 7,
            Self::Minute | Self::CapacityMinute => 8,
            Self::ServiceEvaluated(_) => 9,
            Self::GroupReconciled(_) => 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, HealthChange, SUBMISSION_CLASS, TaskRef};
    use crate::model::{AutoScalingGroupId, GroupId, ServiceId, Task, TaskId, TemplateId};
    use crate::units::{Resources, SimTime};

    #[test]
    fn what_frees_room_comes_before_what_takes_it() {
        let needs = Resources::default();
        let row = Task::waiting(3, TemplateId(0), GroupId(0), needs, SimTime::ZERO);
        let (task, service) = (TaskRef::new(TaskId(0), &row), ServiceId(0));
        let order = [
            Event::TaskStopped(task).class(),
            Event::TaskStarts(task).class(),
            Event::IncidentBegins(0).class(),
            Event::ServiceUpdated(0).class(),
            Event::DaemonEvaluated(service).class(),
            Event::WaitingTried.class(),
            SUBMISSION_CLASS,
            Event::StageEnds(service, 0).class(),
            Event::Minute.class(),
            Event::ServiceEvaluated(service).class(),
            Event::GroupReconciled(AutoScalingGroupId(0)).class(),
        ];
        assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
        assert_eq!(Event::TaskHealth(task, HealthChange::Settles).class(), 1);
    }

    #[test]
    fn a_reference_knows_its_task_again() {
        let task = |serial| {
            let needs = Resources::default();
            Task::waiting(serial, TemplateId(0), GroupId(0), needs, SimTime::ZERO)
        };
        let reference = TaskRef::new(TaskId(0), &task(3));
        assert!(reference.is(&task(3)) && !reference.is(&task(4)));
    }
}
