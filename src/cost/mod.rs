//! The bill of a run, and the summary: one typed value made from a run and its bill.

mod bill;
mod capacity;
#[cfg(test)]
mod capacity_tests;
mod charge;
#[cfg(test)]
mod charges_tests;
mod checks;
mod commitments;
mod cost_summary;
mod extras;
mod fargate;
mod incidents;
mod load_balancers;
mod services;
mod summary;
#[cfg(test)]
mod tests;
mod usage;

pub use bill::{Bill, BillLine, HOURS_PER_MONTH, bill, per_hour, per_month};
pub use capacity::{
    AutoScalingGroupSummary, CapacityChangeSummary, CapacityProviderSummary, ManagedScalingSummary,
    ReasonSummary, SpotCounts, SpotPoolSummary, SpotSummary,
};
pub use charge::{Charge, ChargeKind, ChargePart, ChargeResource, Quantity};
pub use checks::CheckSummary;
pub use commitments::{Applied, CommitmentHour, Covered, MONEY, Usage, UsageTime, apply};
pub use cost_summary::{ChargeSummary, CommitmentSummary, CommitmentsSummary, CostSummary};
pub use fargate::{FargateCapacitySummary, FargateSummary};
pub use incidents::{
    CapacityFallSummary, FallSummary, FargateFallSummary, IncidentSummary, ServiceFallSummary,
};
pub use services::{
    CountSummary, DeploymentSummary, EventSummary, EventsSummary, LoadSummary, MetricSummary,
    ScalingActivitySummary, ScalingSummary, ServicePlacement, ServiceSummary,
};
pub use summary::{
    Capacity, Groups, InstanceSummary, PlacementSummary, RefusedShapeSummary, Shape, Share,
    StrandedSummary, Summary, TaskSummary, Utilization, UtilizationSummary, Waits,
};
