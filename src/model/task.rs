//! A task that is alive: submitted and not yet STOPPED.

use crate::units::{Millis, Resources, SimTime};

use super::capacity::LaunchType;
use super::fargate::FargatePlace;
use super::ids::{
    CapacityProviderId, ContainerInstanceId, EntryId, GroupId, TaskDefinitionId, TemplateId,
};
use super::stop::Stop;

/// `lastStatus` of a task (Developer Guide, "Amazon ECS task lifecycle"). A task may skip states:
/// one without a load balancer is never DEACTIVATING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskStatus {
    /// Submitted, waiting for room.
    Provisioning,
    /// Placed, not yet launched by the agent.
    Pending,
    /// Being launched: image pull, container start, registration with load balancer and
    /// discovery.
    Activating,
    /// Running.
    Running,
    /// To be stopped: it leaves its target groups first. Resources are still reserved.
    Deactivating,
    /// The containers are being stopped; resources are still reserved.
    Stopping,
    /// The containers have ended, the network interface is being given back.
    Deprovisioning,
    /// Done, resources released.
    Stopped,
}

impl TaskStatus {
    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }

    /// Whether a task in this state is on its way to RUNNING.
    pub const fn is_starting(self) -> bool {
        matches!(self, Self::Pending | Self::Activating)
    }

    /// Whether this is PROVISIONING.
    pub const fn is_provisioning(self) -> bool {
        matches!(self, Self::Provisioning)
    }

    /// Whether this is RUNNING.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether this is DEACTIVATING.
    pub const fn is_deactivating(self) -> bool {
        matches!(self, Self::Deactivating)
    }

    /// Whether a task in this state has a place, and its containers have got no stop signal.
    pub const fn has_no_stop_signal(self) -> bool {
        self.is_to_run() || self.is_deactivating()
    }

    /// Whether the containers of a task in this state are being stopped, or have ended.
    pub const fn is_stopping(self) -> bool {
        matches!(self, Self::Stopping | Self::Deprovisioning)
    }

    /// Whether the desired status of a task in this state is RUNNING, with a place or without.
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::Provisioning) || self.is_to_run()
    }

    /// Whether a task in this state has a place, and nobody has asked it to stop.
    pub const fn is_to_run(self) -> bool {
        matches!(self, Self::Pending | Self::Activating | Self::Running)
    }
}

/// A live task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Place in the order of submission over the whole run, from 0.
    pub serial: u64,
    /// Its entry of the scenario's `tasks`, or its service.
    pub entry: EntryId,
    /// n of its id `<entry or service>/<n>`.
    pub number: u64,
    /// How often it has been submitted: 1, and one more for each retry by its client.
    pub attempt: u16,
    /// Its task definition, when it has one.
    pub definition: Option<TaskDefinitionId>,
    /// What it asks of an instance beside amounts.
    pub template: TemplateId,
    /// Its group.
    pub group: GroupId,
    /// What it reserves.
    pub needs: Resources,
    /// Its status.
    pub last_status: TaskStatus,
    /// Its launch type: that of the capacity it runs on.
    pub launch_type: LaunchType,
    /// Its capacity provider, where a strategy has chosen one.
    pub capacity_provider: Option<CapacityProviderId>,
    /// The instance that it was placed on.
    pub instance: Option<ContainerInstanceId>,
    /// Where it runs, for a Fargate task that was placed.
    pub fargate: Option<FargatePlace>,
    /// When it was submitted.
    pub submitted_at: SimTime,
    /// When it was placed.
    pub placed_at: Option<SimTime>,
    /// When the pull of its images began, for a task that passes through ACTIVATING.
    pub pull_started_at: Option<SimTime>,
    /// When it reached RUNNING.
    pub started_at: Option<SimTime>,
    /// How long it runs from RUNNING; `None` is until the end.
    pub runtime: Option<Millis>,
    /// From placement to RUNNING.
    pub start_latency: Millis,
    /// From the end of the work to STOPPED.
    pub stop_latency: Millis,
    /// Why it stops, from the moment at which its desired status becomes STOPPED.
    pub stop: Option<Stop>,
    /// Dynamic host ports assigned to it.
    pub dynamic_ports: Vec<u16>,
}

impl Task {
    /// A task as it is submitted, before anything is known of its place: number `serial + 1` of
    /// entry 0, without a definition, that starts and stops at once and runs until the end.
    pub fn waiting(
        serial: u64,
        template: TemplateId,
        group: GroupId,
        needs: Resources,
        submitted_at: SimTime,
    ) -> Self {
        Self {
            serial,
            entry: EntryId(0),
            number: serial + 1,
            attempt: 1,
            definition: None,
            template,
            group,
            needs,
            last_status: TaskStatus::Provisioning,
            launch_type: LaunchType::Ec2,
            capacity_provider: None,
            instance: None,
            fargate: None,
            submitted_at,
            placed_at: None,
            pull_started_at: None,
            started_at: None,
            runtime: None,
            start_latency: Millis::ZERO,
            stop_latency: Millis::ZERO,
            stop: None,
            dynamic_ports: Vec::new(),
        }
    }
}
