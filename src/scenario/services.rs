//! The checked services of a scenario, and what is done to them over time.

use crate::cloud::RequestCost;
use crate::control::DeploymentConfiguration;
use crate::kernel::Distribution;
use crate::model::{ServiceId, TargetGroupId, TaskDefinitionId};
use crate::placement::{ConstraintSpec, StrategySpec};
use crate::units::{Millis, SimTime};
use crate::workload::load::LoadSpec;

use super::capacity::Capacity;
use super::traffic::AutoScaling;

/// `schedulingStrategy` of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SchedulingStrategy {
    /// `REPLICA`: so many tasks.
    #[default]
    Replica,
    /// `DAEMON`: one task on each instance that satisfies the constraints.
    Daemon,
}

/// An entry of `services`: CreateService, with what its tasks do.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// `serviceName`, unique among services and entries of `tasks`.
    pub name: String,
    /// When CreateService is called: `createdAt`, 0 where it is not given.
    pub created_at: SimTime,
    /// `taskDefinition`.
    pub task_definition: TaskDefinitionId,
    /// `schedulingStrategy`.
    pub scheduling_strategy: SchedulingStrategy,
    /// `desiredCount`; 0 for DAEMON, whose count follows the instances.
    pub desired_count: u32,
    /// `deploymentConfiguration`.
    pub deployment_configuration: DeploymentConfiguration,
    /// `placementStrategy` as given. Empty is ECS's default for services: the zone with the fewest
    /// tasks of the service, inside it the instance with the fewest.
    pub placement_strategy: Vec<StrategySpec>,
    /// `placementConstraints`; with the definition's at most 10.
    pub placement_constraints: Vec<ConstraintSpec>,
    /// Zones of the subnets in `networkConfiguration`; empty is any zone.
    pub subnet_zones: Vec<String>,
    /// `healthCheckGracePeriodSeconds`.
    pub health_check_grace_period: Millis,
    /// `availabilityZoneRebalancing`, where the service is eligible.
    pub availability_zone_rebalancing: bool,
    /// `loadBalancers`: the target groups that its tasks are registered with.
    pub target_groups: Vec<TargetGroupId>,
    /// `serviceRegistries`: how long registration with Cloud Map takes, for services that use it.
    pub service_registry: Option<Distribution>,
    /// `load`: the requests that come to it by itself, beside those of load balancers.
    pub load: Option<LoadSpec>,
    /// `load.request`: what a request costs its tasks.
    pub request_cost: RequestCost,
    /// `launchType` or `capacityProviderStrategy`: whose capacity its tasks use.
    pub capacity: Capacity,
    /// `scaling`: Application Auto Scaling of its desired count.
    pub scaling: Option<AutoScaling>,
}

/// An entry of `deployments`: UpdateService at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceUpdate {
    /// When.
    pub at: SimTime,
    /// Which service.
    pub service: ServiceId,
    /// `taskDefinition`: another revision; starts a deployment.
    pub task_definition: Option<TaskDefinitionId>,
    /// `forceNewDeployment`: starts a deployment of the same revision.
    pub force_new_deployment: bool,
    /// `desiredCount`; starts none.
    pub desired_count: Option<u32>,
    /// `deploymentConfiguration`; starts none.
    pub deployment_configuration: Option<DeploymentConfiguration>,
}

/// An entry of `taskProtection`: UpdateTaskProtection at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskProtection {
    /// When.
    pub at: SimTime,
    /// Which service.
    pub service: ServiceId,
    /// How many of its running tasks, the oldest first.
    pub tasks: u32,
    /// `protectionEnabled`.
    pub enabled: bool,
    /// `expiresInMinutes`: 120 minutes where it is not given.
    pub expires_in: Millis,
}

/// `serviceOptions`: quotas, and named choices where AWS publishes no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceOptions {
    /// `taskLaunchesPerMinute`: the most tasks that one service launches in a minute, ECS's quota
    /// of 500 where it is not given; `None` is no limit.
    pub task_launches_per_minute: Option<u32>,
    /// `restartThrottle.first`: the first delay after a task that never reached RUNNING. It
    /// doubles with each further round of such tasks.
    pub throttle_first: Millis,
    /// `restartThrottle.longest`: ECS's 27 minutes where it is not given.
    pub throttle_longest: Millis,
    /// `countStoppingTasks`: whether STOPPING tasks count for the upper limit, as older guides say.
    pub count_stopping_tasks: bool,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            task_launches_per_minute: Some(500),
            throttle_first: Millis::SECOND,
            throttle_longest: Millis(27 * 60_000),
            count_stopping_tasks: false,
        }
    }
}
