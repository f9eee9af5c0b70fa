//! `deploymentConfiguration` of a service: how many tasks may be missing or extra while a revision
//! is rolled out, and what makes a deployment fail.
//!
//! Sources: API reference of DeploymentConfiguration, DeploymentCircuitBreaker and
//! ThresholdConfiguration; Developer Guide, "Amazon ECS deployment types".

use crate::units::Millis;

/// `deploymentConfiguration`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentConfiguration {
    /// `minimumHealthyPercent`: 100 for REPLICA, 0 for DAEMON where it is not given.
    pub minimum_healthy_percent: u32,
    /// `maximumPercent`: 200 for REPLICA, 100 for DAEMON where it is not given.
    pub maximum_percent: u32,
    /// `deploymentCircuitBreaker`, when enabled.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// `alarms`, when enabled.
    pub alarms: Option<DeploymentAlarms>,
    /// `strategy` with its parameters.
    pub strategy: DeploymentStrategy,
    /// `bakeTimeInMinutes`: how long both revisions run side by side, or alarms are watched, after
    /// the last step. Given for `BLUE_GREEN`; for a rolling update with alarms the longest time
    /// that an alarm takes to fire where it is not given.
    pub bake_time: Option<Millis>,
    /// `earlySuccessCriteria`.
    pub early_success: Option<EarlySuccess>,
    /// `lifecycleHooks`.
    pub lifecycle_hooks: Vec<LifecycleHook>,
}

/// `deploymentCircuitBreaker`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether a failed deployment is rolled back to the last completed one.
    pub rollback: bool,
    /// `thresholdConfiguration`.
    pub threshold: Threshold,
    /// `resetOnHealthyTask`: the count of failures starts anew when a task becomes healthy.
    pub reset_on_healthy_task: bool,
}

/// `thresholdConfiguration`: how many failed tasks fail a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// A part of the desired count, in percent, rounded up, at least 3 and at most 200.
    BoundedPercent(u32),
    /// A part of the desired count, in percent, rounded up, at least 1.
    UnboundedPercent(u32),
    /// So many.
    Count(u32),
}

/// `alarms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// The alarms, by their index in the scenario.
    pub alarms: Vec<u32>,
    /// Whether a failed deployment is rolled back.
    pub rollback: bool,
}

/// `strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeploymentStrategy {
    /// `ROLLING`.
    #[default]
    Rolling,
    /// `BLUE_GREEN`: all traffic at once.
    BlueGreen,
    /// `LINEAR`: traffic in equal steps.
    Linear {
        /// `stepPercent` in tenths of a percent.
        step: u32,
        /// `stepBakeTimeInMinutes`; not waited for after the last step.
        step_bake_time: Millis,
    },
    /// `CANARY`: a part of the traffic, then the rest.
    Canary {
        /// `canaryPercent` in tenths of a percent.
        canary: u32,
        /// `canaryBakeTimeInMinutes`.
        canary_bake_time: Millis,
    },
}

/// `earlySuccessCriteria`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlySuccess {
    /// `healthyPercent`: the part of the desired count, rounded up, that has to be healthy.
    pub healthy_percent: u32,
    /// Whether the service is updated no further until the rest is healthy too (`BLOCKING`), or
    /// the rest follows while later deployments may begin (`DEFERRED`).
    pub blocking: bool,
}

/// A stage of a deployment that is not `ROLLING`, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifecycleStage {
    /// `RECONCILE_SERVICE`.
    ReconcileService,
    /// `PRE_SCALE_UP`.
    PreScaleUp,
    /// `SCALE_UP`: the green revision gets all its tasks.
    ScaleUp,
    /// `POST_SCALE_UP`.
    PostScaleUp,
    /// `TEST_TRAFFIC_SHIFT`.
    TestTrafficShift,
    /// `POST_TEST_TRAFFIC_SHIFT`.
    PostTestTrafficShift,
    /// `PRE_PRODUCTION_TRAFFIC_SHIFT`.
    PreProductionTrafficShift,
    /// `PRODUCTION_TRAFFIC_SHIFT`: the green revision gets its share of the traffic.
    ProductionTrafficShift,
    /// `POST_PRODUCTION_TRAFFIC_SHIFT`.
    PostProductionTrafficShift,
    /// `BAKE_TIME`: both run, all traffic is green.
    BakeTime,
    /// `CLEAN_UP`: the blue revision is stopped.
    CleanUp,
}

impl LifecycleStage {
    /// Every stage, in order.
    pub const ALL: [Self; 11] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }
}

/// An entry of `lifecycleHooks`: a function that runs at a stage, as far as its time and its
/// verdict matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleHook {
    /// `lifecycleStages`: where it runs.
    pub stages: Vec<LifecycleStage>,
    /// How long it takes until it answers.
    pub duration: Millis,
    /// Whether it answers SUCCEEDED; else FAILED, which rolls back.
    pub succeeds: bool,
}

impl DeploymentConfiguration {
    /// ECS's defaults for a REPLICA service.
    pub fn replica() -> Self {
        Self {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            circuit_breaker: None,
            alarms: None,
            strategy: DeploymentStrategy::Rolling,
            bake_time: None,
            early_success: None,
            lifecycle_hooks: Vec::new(),
        }
    }

    /// ECS's defaults for a DAEMON service, as the API has them.
    pub fn daemon() -> Self {
        Self {
            minimum_healthy_percent: 0,
            maximum_percent: 100,
            ..Self::replica()
        }
    }

    /// The fewest tasks that have to be healthy: the percentage of the desired count, rounded up.
    pub fn lower_limit(&self, desired: u32) -> u32 {
        percent_up(desired, self.minimum_healthy_percent)
    }

    /// The most tasks of all revisions that may be RUNNING or on their way: the percentage of the
    /// desired count, rounded down.
    pub fn upper_limit(&self, desired: u32) -> u32 {
        clamp(u64::from(desired) * u64::from(self.maximum_percent) / 100)
    }
}

impl Threshold {
    /// The failures that fail a deployment of so many tasks.
    pub fn failures(self, desired: u32) -> u32 {
        match self {
            Self::BoundedPercent(percent) => percent_up(desired, percent).clamp(3, 200),
            Self::UnboundedPercent(percent) => percent_up(desired, percent).max(1),
            Self::Count(count) => count,
        }
    }
}

impl EarlySuccess {
    /// The healthy tasks that make a deployment of so many successful.
    pub fn healthy_tasks(&self, desired: u32) -> u32 {
        percent_up(desired, self.healthy_percent)
    }
}

/// A percentage of a count, rounded up.
fn percent_up(count: u32, percent: u32) -> u32 {
    clamp((u64::from(count) * u64::from(percent)).div_ceil(100))
}

fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{DeploymentConfiguration, EarlySuccess, Threshold};

    fn limits(desired: u32, minimum: u32, maximum: u32) -> (u32, u32) {
        let configuration = DeploymentConfiguration {
            minimum_healthy_percent: minimum,
            maximum_percent: maximum,
            ..DeploymentConfiguration::replica()
        };
        (
            configuration.lower_limit(desired),
            configuration.upper_limit(desired),
        )
    }

    #[test]
    fn the_lower_limit_rounds_up_and_the_upper_down() {
        // G54 to G57.
        assert_eq!(limits(4, 50, 200), (2, 8));
        assert_eq!(limits(2, 75, 200), (2, 4));
        assert_eq!(limits(3, 100, 125), (3, 3));
        assert_eq!(limits(0, 100, 200), (0, 0));
        assert_eq!(limits(u32::MAX, 100, 200), (u32::MAX, u32::MAX));
    }

    #[test]
    fn the_breaker_trips_at_half_the_desired_count_within_bounds() {
        // G66.
        let failures = |desired| Threshold::BoundedPercent(50).failures(desired);
        assert_eq!([1, 25, 400, 800].map(failures), [3, 13, 200, 200]);
        assert_eq!(Threshold::UnboundedPercent(50).failures(800), 400);
        assert_eq!(Threshold::UnboundedPercent(50).failures(0), 1);
        assert_eq!(Threshold::Count(7).failures(800), 7);
    }

    #[test]
    fn early_success_rounds_up() {
        // G77 and the other examples of the guide.
        let healthy = |healthy_percent, desired| {
            let criteria = EarlySuccess {
                healthy_percent,
                blocking: true,
            };
            criteria.healthy_tasks(desired)
        };
        let found = [(50, 2), (50, 3), (80, 10), (90, 100), (100, 10)];
        assert_eq!(
            found.map(|(percent, desired)| healthy(percent, desired)),
            [1, 2, 8, 90, 10]
        );
    }
}
