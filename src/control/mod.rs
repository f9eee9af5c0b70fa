//! ECS's own decisions over time: state in, decisions out.
//!
//! Nothing here knows the event queue or the tables of the world: a controller is handed what it
//! has to know and says what is to be done; `simulation` does it. Reading order:
//! `deployment_configuration`, `deployment`, `service_event`, then [`metric`], [`alarm`] and
//! [`service_auto_scaling`].

pub mod alarm;
mod deployment;
mod deployment_configuration;
pub mod metric;
pub mod service_auto_scaling;
mod service_event;

pub use deployment::{Deployment, DeploymentStatus, RolloutState, Stuck};
pub use deployment_configuration::{
    CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, DeploymentStrategy, EarlySuccess,
    LifecycleHook, LifecycleStage, Threshold,
};
pub use service_event::{EventSeverity, FailureCause, ServiceEvent};
