//! What happened in a run, written down by an observer that watches and never steers.
//!
//! [`Recorder`] folds every record of a run into a [`Run`]: ledgers of tasks, instances and
//! services, integrals of utilization, counts, samples over time, and the digest. Bills and reports
//! are made from the `Run` alone.

mod billed_span;
mod capacity;
mod capacity_row;
#[cfg(test)]
mod capacity_tests;
mod fargate;
mod fargate_price;
mod first_hour;
mod incident_row;
mod incidents;
#[cfg(test)]
mod incidents_tests;
mod instances;
mod load_balancers;
mod lower_bound;
mod per_resource;
mod placements;
mod prices;
mod recorder;
mod run;
mod service_load;
mod service_row;
mod services;
#[cfg(test)]
mod services_tests;
pub mod split_cost;
mod stranded;
mod tasks;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod timeseries;
mod waits;
mod watch;

pub use billed_span::{BillingIncrement, EndedBy, billed_span, billed_time};
pub use capacity_row::{
    CapacityProviderRow, GroupRow, LaunchedInstances, ManagedScalingTotals, SpotPoolCounts,
    SpotPoolRow,
};
pub use fargate::{FargateKind, FargateRun, FargateTask, FargateUse};
pub use fargate_price::FargatePrice;
pub use incident_row::{Fall, FargateFall, IncidentRow, ServiceFall};
pub use instances::{GroupKind, GroupUtilization, InstanceCounts, InstanceFacts, InstanceRow};
pub use load_balancers::LoadBalancerRow;
pub use per_resource::{Fraction, PerResource};
pub use placements::{MAX_SHAPES, PlacementStats, RefusedShape};
pub use recorder::{RecordOptions, Recorder};
pub use run::{Run, TaskCounts};
pub use service_load::{LoadOverTime, LoadSample, WeightedMean};
pub use service_row::{
    CountOverTime, DeploymentRow, ServiceEventRow, ServiceRow, ServiceSample, scaling_cause,
};
pub use services::LATEST_EVENTS;
pub use stranded::Stranded;
pub use tasks::{Moment, ProviderIndex, TaskOutcome, TaskRow};
pub use timeseries::Sample;
pub use waits::WaitStats;
