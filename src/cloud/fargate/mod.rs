//! AWS Fargate: task sizes, launch rates, quotas, image pulls without a cache, and Fargate Spot.

mod launch_rate;
mod pull;
mod size;
mod spot;

pub use launch_rate::{LaunchQuota, TokenBucket};
pub use pull::{FargatePulls, LAZY_LOADING_ABOVE, TaskPulls};
pub use size::FargateSize;
pub use spot::{FargateSpot, SPOT_WARNING};

use crate::kernel::Distribution;
use crate::model::FargateCapacity;
use crate::units::{Millis, SimTime};

/// Fargate ends a container that does not mind its stop signal after at most so long (Developer
/// Guide, "Task definition parameters").
pub const LONGEST_STOP_TIMEOUT: Millis = Millis(120_000);
/// The ephemeral storage that a task has without asking, and that costs nothing, in GiB.
pub const FREE_STORAGE_GIB: u32 = 20;

/// Fargate retires hosts: at the end of the wait, tasks that were placed before the notice are
/// replaced or stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskRetirement {
    /// When the notice comes.
    pub notice_at: SimTime,
    /// `fargateTaskRetirementWaitPeriod`: from the notice to the retirement.
    pub wait: Millis,
}

impl TaskRetirement {
    /// When the tasks go.
    pub fn at(&self) -> SimTime {
        self.notice_at.saturating_add(self.wait)
    }
}

/// What Fargate gives the account, and how fast.
#[derive(Debug, Clone, PartialEq)]
pub struct FargateSettings {
    /// Zones of tasks that name no subnets. Never empty.
    pub availability_zones: Vec<String>,
    /// CPU units that tasks may have at a time, On-Demand and Spot; `None` is no limit.
    pub cpu_quota: [Option<u64>; 2],
    /// How fast tasks may be launched, On-Demand and Spot each; `None` is no limit.
    pub launch_quota: Option<LaunchQuota>,
    /// From placement to the beginning of the image pull: a host is found, the network interface
    /// attached.
    pub provisioning: Distribution,
    /// How images come.
    pub pulls: FargatePulls,
    /// What Fargate Spot has, and when it takes it back.
    pub spot: FargateSpot,
    /// Retirements, by the time of their notice.
    pub retirements: Vec<TaskRetirement>,
}

impl FargateSettings {
    /// CPU units that the tasks of a capacity may have at a time.
    pub fn cpu_quota(&self, capacity: FargateCapacity) -> Option<u64> {
        self.cpu_quota[capacity.index()]
    }
}
