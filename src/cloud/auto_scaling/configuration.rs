//! What EC2 Auto Scaling goes by: the settings of a group.

use crate::units::{HourlyRate, Millis, SimTime};

/// `onDemandAllocationStrategy` (API reference of InstancesDistribution).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnDemandAllocationStrategy {
    /// `prioritized`: the overrides in their order.
    #[default]
    Prioritized,
    /// `lowest-price`.
    LowestPrice,
}

/// `spotAllocationStrategy` (API reference of InstancesDistribution).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SpotAllocationStrategy {
    /// `lowest-price`: the cheapest pools, `spotInstancePools` of them.
    #[default]
    LowestPrice,
    /// `diversified`: all pools alike.
    Diversified,
    /// `capacity-optimized`: the deepest pool.
    CapacityOptimized,
    /// `capacity-optimized-prioritized`: the deepest pool, the order of the overrides honoured
    /// where it can be.
    CapacityOptimizedPrioritized,
    /// `price-capacity-optimized`: of the deepest pools the cheapest.
    PriceCapacityOptimized,
}

/// `instancesDistribution` of a mixed-instances policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstancesDistribution {
    /// `onDemandAllocationStrategy`.
    pub on_demand_allocation_strategy: OnDemandAllocationStrategy,
    /// `onDemandBaseCapacity`: so many instances first are On-Demand.
    pub on_demand_base_capacity: u32,
    /// `onDemandPercentageAboveBaseCapacity`: of the rest, 0 to 100 percent.
    pub on_demand_percentage_above_base_capacity: u32,
    /// `spotAllocationStrategy`.
    pub spot_allocation_strategy: SpotAllocationStrategy,
    /// `spotInstancePools`: 1 to 20, for `lowest-price`.
    pub spot_instance_pools: u32,
    /// `spotMaxPrice`; `None` is the On-Demand price.
    pub spot_max_price: Option<HourlyRate>,
}

/// AWS's defaults: On-Demand alone.
impl Default for InstancesDistribution {
    fn default() -> Self {
        Self {
            on_demand_allocation_strategy: OnDemandAllocationStrategy::default(),
            on_demand_base_capacity: 0,
            on_demand_percentage_above_base_capacity: 100,
            spot_allocation_strategy: SpotAllocationStrategy::default(),
            spot_instance_pools: 2,
            spot_max_price: None,
        }
    }
}

/// An item of `terminationPolicies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TerminationPolicy {
    /// `Default`.
    Default,
    /// `AllocationStrategy`.
    AllocationStrategy,
    /// `OldestLaunchTemplate`.
    OldestLaunchTemplate,
    /// `OldestLaunchConfiguration`.
    OldestLaunchConfiguration,
    /// `ClosestToNextInstanceHour`.
    ClosestToNextInstanceHour,
    /// `NewestInstance`.
    NewestInstance,
    /// `OldestInstance`.
    OldestInstance,
}

/// `poolState` of a warm pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WarmPoolState {
    /// `Stopped`: only its volume is billed.
    #[default]
    Stopped,
    /// `Running`: billed like any other.
    Running,
    /// `Hibernated`: only its volume is billed.
    Hibernated,
}

/// `warmPool` of a group (API reference of PutWarmPool).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarmPool {
    /// `minSize`: the fewest instances it keeps.
    pub min_size: u32,
    /// `maxGroupPreparedCapacity`: the most instances of pool and group together; `None` is the
    /// group's maximum.
    pub max_group_prepared_capacity: Option<u32>,
    /// `poolState`.
    pub pool_state: WarmPoolState,
}

/// StartInstanceRefresh at a time: every instance of the group is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceRefresh {
    /// When.
    pub at: SimTime,
    /// `minHealthyPercentage`, 0 to 100: 90 where it is not given.
    pub min_healthy_percentage: u32,
    /// `maxHealthyPercentage`, 100 to 200: 100 where it is not given.
    pub max_healthy_percentage: u32,
    /// `instanceWarmup`: how long a new instance is waited for after it is in service.
    pub instance_warmup: Millis,
}

/// A scheduled action of a group, once (API reference of PutScheduledUpdateGroupAction).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledAction {
    /// When.
    pub at: SimTime,
    /// `minSize`.
    pub min_size: Option<u32>,
    /// `maxSize`.
    pub max_size: Option<u32>,
    /// `desiredCapacity`.
    pub desired_capacity: Option<u32>,
}

/// The settings of a group (API reference of CreateAutoScalingGroup).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupConfiguration {
    /// `minSize`.
    pub min_size: u32,
    /// `maxSize`, at least 1.
    pub max_size: u32,
    /// `desiredCapacity` at time 0, within both.
    pub desired_capacity: u32,
    /// `availabilityZones`, in their order. Never empty.
    pub availability_zones: Vec<String>,
    /// `instancesDistribution`.
    pub distribution: InstancesDistribution,
    /// `terminationPolicies` in their order. Never empty.
    pub termination_policies: Vec<TerminationPolicy>,
    /// `newInstancesProtectedFromScaleIn`.
    pub new_instances_protected_from_scale_in: bool,
    /// `capacityRebalance`.
    pub capacity_rebalance: bool,
    /// `terminationLifecycleHook.heartbeatTimeout`: a hook that sets an instance DRAINING and
    /// lets it end when it hosts no task, or after so long.
    pub termination_hook: Option<Millis>,
    /// `maxInstanceLifetime`.
    pub max_instance_lifetime: Option<Millis>,
    /// `warmPool`.
    pub warm_pool: Option<WarmPool>,
    /// `instanceRefreshes`, by time.
    pub instance_refreshes: Vec<InstanceRefresh>,
    /// `scheduledActions`, by time.
    pub scheduled_actions: Vec<ScheduledAction>,
}
