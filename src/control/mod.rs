//! ECS's own decisions over time: state in, decisions out.
//!
//! Nothing here knows the event queue or the tables of the world: a controller is handed what it
//! has to know and says what is to be done; `simulation` does it. Reading order:
//! `deployment_configuration`, `deployment`, `service_scheduler` (how many start and stop),
//! `scale_in` (which stop), `pace`, `rebalancing`, `service_event`; [`metric`] and [`alarm`], then
//! [`service_auto_scaling`]; [`capacity_provider_strategy`] and [`managed_scaling`].

pub mod alarm;
pub mod capacity_provider_strategy;
mod deployment;
mod deployment_configuration;
pub mod managed_scaling;
pub mod metric;
mod pace;
pub mod rebalancing;
pub mod scale_in;
pub mod service_auto_scaling;
mod service_event;
pub mod service_scheduler;

pub use deployment::{Deployment, DeploymentStatus, RolloutState, Stuck};
pub use deployment_configuration::{
    CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, DeploymentStrategy, EarlySuccess,
    LifecycleHook, LifecycleStage, Threshold,
};
pub use pace::{LaunchRate, RestartThrottle};
pub use service_event::{EventSeverity, FailureCause, ServiceEvent};
