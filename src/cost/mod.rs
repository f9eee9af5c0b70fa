//! The bill of a run, and the summary: one typed value made from a run and its bill.

mod bill;
mod checks;
mod services;
mod summary;
#[cfg(test)]
mod tests;

pub use bill::{Bill, BillLine, HOURS_PER_MONTH, bill};
pub use checks::CheckSummary;
pub use services::{
    CountSummary, DeploymentSummary, EventSummary, EventsSummary, IncidentSummary, LoadSummary,
    MetricSummary, ScalingActivitySummary, ScalingSummary, ServicePlacement, ServiceSummary,
};
pub use summary::{
    Capacity, CostSummary, Groups, InstanceSummary, PlacementSummary, RefusedShapeSummary, Shape,
    Share, StrandedSummary, Summary, TaskSummary, Utilization, UtilizationSummary, Waits,
};
