//! AWS beneath and around the tasks: what happens to a task on its instance, target groups, health
//! checks, listeners, and what becomes of the requests that reach the tasks; where instances come
//! from and go.
//!
//! Nothing here knows the event queue or the tables of the world: a plan is made from what is
//! handed in, and `simulation` turns it into events. Reading order: [`image_pull`], [`behavior`],
//! [`agent`] (start, run, stop), [`file_system`]; then what serves requests; then capacity:
//! [`auto_scaling`], [`spot`], [`fargate`].
//!
//! What serves requests are calculations: a [`Monitor`] says when the health of a target or of a
//! container changes next, as if each check were made, and makes none; a [`ServiceMeter`] turns
//! request rates and task counts into the metrics that ECS and its load balancers publish a minute.

pub mod agent;
pub mod auto_scaling;
pub mod behavior;
mod container_health;
pub mod fargate;
pub mod file_system;
pub mod image_pull;
mod listener;
mod monitor;
mod queueing;
mod serving;
pub mod spot;
mod target_group;
#[cfg(test)]
mod testing;

pub use container_health::ContainerHealthCheck;
pub use listener::{Listener, ListenerRule, TrafficShare};
pub use monitor::{Answer, Health, Monitor, MonitorSettings};
pub use serving::{RequestCost, ServiceMeter, ServiceMinute, ServiceProfile, Targets, TaskSize};
pub use target_group::{
    Algorithm, CheckPhase, HealthCheck, Protocol, TargetGroup, TargetState, receiving_targets,
};

/// A setting outside what AWS takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFault {
    /// The setting's name, as AWS spells it.
    pub setting: &'static str,
    /// What was found and what is expected.
    pub message: String,
}

/// Adds a fault when a span lies outside of a range of seconds.
fn check_seconds(
    setting: &'static str,
    span: crate::units::Millis,
    range: std::ops::RangeInclusive<u64>,
    faults: &mut Vec<SettingFault>,
) {
    let second = crate::units::Millis::SECOND.0;
    let is_whole = span.0.is_multiple_of(second);
    if !is_whole || !range.contains(&(span.0 / second)) {
        let (least, most) = (range.start(), range.end());
        faults.push(SettingFault {
            setting,
            message: format!("{span}; expected whole seconds from {least} to {most}"),
        });
    }
}

/// Adds a fault when a count lies outside of its range.
fn check_count(
    setting: &'static str,
    count: u32,
    range: &std::ops::RangeInclusive<u32>,
    faults: &mut Vec<SettingFault>,
) {
    if !range.contains(&count) {
        let (least, most) = (range.start(), range.end());
        faults.push(SettingFault {
            setting,
            message: format!("{count}; expected {least} to {most}"),
        });
    }
}
