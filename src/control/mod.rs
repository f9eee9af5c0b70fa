//! What steers a cluster from outside the placement of a single task: CloudWatch alarms and the
//! auto scaling of services.
//!
//! Each module is a state machine that is told the time and the facts, and answers with what is to
//! be done. None of them moves the clock, queues an event or changes the cluster.
//!
//! - [`metric`]: values of CloudWatch metrics, and ECS's utilization.
//! - [`alarm`]: CloudWatch alarms over one-minute metric data.
//! - [`service_auto_scaling`]: Application Auto Scaling of a service's desired count.

pub mod alarm;
pub mod metric;
pub mod service_auto_scaling;
