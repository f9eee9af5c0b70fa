//! What is charged beside the hours of instances, and what is committed to in advance for less.

use crate::units::{HourlyRate, Millis, UnitPrice};

use super::fargate::FargatePlatform;

/// What a scenario's bill goes by, beside the prices of its instances. `None` is what nothing in
/// the scenario asks for, and what is then not billed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pricing {
    /// Reserved Instances and Savings Plans.
    pub commitments: Commitments,
    /// A GB of a gp3 volume for a month of 730 hours.
    pub gp3_gb_month: Option<UnitPrice>,
    /// A public IPv4 address for an hour.
    pub public_ipv4: Option<HourlyRate>,
    /// An external instance for an hour (ECS Anywhere).
    pub ecs_anywhere: Option<HourlyRate>,
    /// The scenario's load balancers.
    pub load_balancers: Option<LoadBalancerPricing>,
    /// Traffic between zones.
    pub cross_zone_traffic: Option<CrossZonePricing>,
}

/// What load balancers cost, and what a request means to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadBalancerPricing {
    /// Application Load Balancers.
    pub application: LoadBalancerRates,
    /// Network Load Balancers.
    pub network: LoadBalancerRates,
    /// New connections for each request, in millionths: fewer than one where connections are kept.
    pub connections_per_request: u64,
    /// How long a connection stays open.
    pub connection_duration: Millis,
    /// Bytes that the load balancer processes for each request and its answer.
    pub bytes_per_request: u64,
    /// Rules that are evaluated for each request, the ten free ones among them.
    pub rules_per_request: u64,
}

/// What a load balancer costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadBalancerRates {
    /// Each hour or part of one.
    pub hour: HourlyRate,
    /// Each capacity unit (LCU, NLCU) for an hour.
    pub capacity_unit_hour: HourlyRate,
}

/// What traffic between zones costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossZonePricing {
    /// A GB, in each direction.
    pub gb: UnitPrice,
    /// Bytes that cross from one zone to another for each request to a service.
    pub bytes_per_request: u64,
}

/// What is committed to in advance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commitments {
    /// Reserved Instances in the order of the scenario.
    pub reserved_instances: Vec<ReservedInstances>,
    /// Savings Plans in the order of the scenario.
    pub savings_plans: Vec<SavingsPlan>,
}

impl Commitments {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.reserved_instances.is_empty() && self.savings_plans.is_empty()
    }
}

/// Instances that are paid for whether they run or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedInstances {
    /// What the scenario calls them.
    pub name: String,
    /// Their type.
    pub instance_type: String,
    /// How many.
    pub count: u32,
    /// Their zone; `None` is the whole Region.
    pub availability_zone: Option<String>,
    /// What each costs an hour, what was paid upfront spread over the term.
    pub rate: HourlyRate,
}

/// A Savings Plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingsPlan {
    /// What the scenario calls it.
    pub name: String,
    /// What it applies to.
    pub plan_type: SavingsPlanType,
    /// What is paid for each hour, whether it is used or not.
    pub commitment: HourlyRate,
    /// What usage costs under the plan. Usage without a rate stays On-Demand.
    pub rates: Vec<(Meter, HourlyRate)>,
}

/// `savingsPlanType` (API reference of Savings Plans).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavingsPlanType {
    /// `EC2Instance`: one family of instance types in the Region.
    Ec2Instance {
        /// `ec2InstanceFamily`: `m5`.
        family: String,
    },
    /// `Compute`: any instance type, and Fargate.
    Compute,
}

impl SavingsPlanType {
    /// AWS's spelling.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ec2Instance { .. } => "EC2Instance",
            Self::Compute => "Compute",
        }
    }
}

/// What On-Demand usage is counted by, and a Savings Plan has a rate for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    /// Hours of an instance type.
    Instance(String),
    /// vCPUs of Fargate tasks of a platform.
    FargateVcpu(FargatePlatform),
    /// GB of memory of Fargate tasks of a platform.
    FargateMemory(FargatePlatform),
}
