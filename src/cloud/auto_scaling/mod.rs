//! EC2 Auto Scaling: how many instances a group wants, which it launches next, which it ends.

mod configuration;

pub use configuration::{
    GroupConfiguration, InstanceRefresh, InstancesDistribution, OnDemandAllocationStrategy,
    ScheduledAction, SpotAllocationStrategy, TerminationPolicy, WarmPool, WarmPoolState,
};
