//! A line of the bill: what it is for, how much of it, at what price.

use std::fmt;

use crate::record::Fraction;
use crate::units::{NanoUsd, SimTime, UnitPrice};

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeKind {
    /// Hours of On-Demand Instances that no commitment covers.
    OnDemandInstance,
    /// Hours of Spot Instances.
    SpotInstance,
    /// Hours of On-Demand Instances that a commitment covers: paid for with it.
    CoveredInstance,
    /// Hours of external instances (ECS Anywhere).
    EcsAnywhere,
    /// Hours of servers of one's own, where the scenario gives them a price.
    OwnServer,
    /// Reserved Instances, used or not.
    ReservedInstances,
    /// The commitment of a Savings Plan, used or not.
    SavingsPlan,
    /// What was not used of a commitment: paid for with it.
    UnusedCommitment,
    /// vCPUs of Fargate tasks that no commitment covers.
    FargateVcpu,
    /// Memory of the same.
    FargateMemory,
    /// vCPUs of Fargate Spot tasks.
    FargateSpotVcpu,
    /// Memory of the same.
    FargateSpotMemory,
    /// vCPUs of Fargate tasks that a commitment covers: paid for with it.
    CoveredFargateVcpu,
    /// Memory of the same.
    CoveredFargateMemory,
    /// Licences of the operating systems of Fargate tasks.
    FargateLicense,
    /// Ephemeral storage of Fargate tasks beyond what is free.
    FargateStorage,
    /// Root volumes.
    RootVolume,
    /// ECS's fee for hours of Managed Instances.
    ManagementFee,
    /// Public IPv4 addresses.
    PublicIpv4,
    /// Hours of load balancers.
    LoadBalancer,
    /// Capacity units of load balancers.
    LoadBalancerCapacityUnit,
    /// Traffic between zones, in each direction.
    CrossZoneTraffic,
}

impl ChargeKind {
    /// The spelling of summaries and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemandInstance => "ec2-on-demand",
            Self::SpotInstance => "ec2-spot",
            Self::CoveredInstance => "ec2-covered",
            Self::EcsAnywhere => "ecs-anywhere",
            Self::OwnServer => "own-server",
            Self::ReservedInstances => "reserved-instances",
            Self::SavingsPlan => "savings-plan",
            Self::UnusedCommitment => "unused-commitment",
            Self::FargateVcpu => "fargate-vcpu",
            Self::FargateMemory => "fargate-memory",
            Self::FargateSpotVcpu => "fargate-spot-vcpu",
            Self::FargateSpotMemory => "fargate-spot-memory",
            Self::CoveredFargateVcpu => "fargate-covered-vcpu",
            Self::CoveredFargateMemory => "fargate-covered-memory",
            Self::FargateLicense => "fargate-license",
            Self::FargateStorage => "fargate-ephemeral-storage",
            Self::RootVolume => "root-volume",
            Self::ManagementFee => "management-fee",
            Self::PublicIpv4 => "public-ipv4",
            Self::LoadBalancer => "load-balancer",
            Self::LoadBalancerCapacityUnit => "load-balancer-capacity-units",
            Self::CrossZoneTraffic => "cross-zone-traffic",
        }
    }

    /// In what its quantity is counted (FOCUS: plural, capitalised).
    pub const fn unit(self) -> &'static str {
        match self {
            Self::OnDemandInstance
            | Self::SpotInstance
            | Self::CoveredInstance
            | Self::EcsAnywhere
            | Self::OwnServer
            | Self::ReservedInstances
            | Self::SavingsPlan
            | Self::UnusedCommitment
            | Self::ManagementFee
            | Self::PublicIpv4
            | Self::LoadBalancer => "Hours",
            Self::FargateVcpu
            | Self::FargateSpotVcpu
            | Self::CoveredFargateVcpu
            | Self::FargateLicense => "vCPU-Hours",
            Self::FargateMemory
            | Self::FargateSpotMemory
            | Self::CoveredFargateMemory
            | Self::FargateStorage => "GB-Hours",
            Self::RootVolume => "GB-Months",
            Self::LoadBalancerCapacityUnit => "LCU-Hours",
            Self::CrossZoneTraffic => "GB",
        }
    }

    /// What the line is part of.
    pub const fn part(self) -> ChargePart {
        match self {
            Self::OnDemandInstance
            | Self::SpotInstance
            | Self::CoveredInstance
            | Self::EcsAnywhere
            | Self::OwnServer
            | Self::FargateVcpu
            | Self::FargateMemory
            | Self::FargateSpotVcpu
            | Self::FargateSpotMemory
            | Self::CoveredFargateVcpu
            | Self::CoveredFargateMemory
            | Self::FargateLicense
            | Self::FargateStorage => ChargePart::Compute,
            Self::ReservedInstances | Self::SavingsPlan | Self::UnusedCommitment => {
                ChargePart::Commitment
            }
            Self::RootVolume
            | Self::ManagementFee
            | Self::PublicIpv4
            | Self::LoadBalancer
            | Self::LoadBalancerCapacityUnit
            | Self::CrossZoneTraffic => ChargePart::Other,
        }
    }
}

/// What lines are part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargePart {
    /// What tasks run on.
    Compute,
    /// What is paid in advance for compute.
    Commitment,
    /// What comes with it.
    Other,
}

/// What a line is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeResource {
    /// An instance, by its row.
    Instance(usize),
    /// Fargate tasks of a kind, by their row.
    Fargate(usize),
    /// What an Auto Scaling group keeps stopped in its warm pool, by its row.
    WarmPool(usize),
    /// A load balancer, by its row.
    LoadBalancer(usize),
    /// A commitment, by its place: Reserved Instances first, then Savings Plans.
    Commitment(usize),
    /// The whole cluster.
    Cluster,
}

/// A line of the bill. Each of its three costs is rounded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What it is for.
    pub kind: ChargeKind,
    /// Of which resource.
    pub resource: ChargeResource,
    /// Since when.
    pub from: SimTime,
    /// Until when.
    pub until: SimTime,
    /// How much, in the kind's unit.
    pub quantity: Fraction,
    /// The list price of a unit; `None` where it changed over the time of the line.
    pub unit_price: Option<UnitPrice>,
    /// What it would cost at the list price: On-Demand.
    pub list: NanoUsd,
    /// What the bill has for it.
    pub billed: NanoUsd,
    /// The same with what was paid for a commitment spread over the usage that it covers.
    pub effective: NanoUsd,
    /// The commitment that covers it, by its place.
    pub commitment: Option<usize>,
}

impl Charge {
    /// Usage that a commitment covers: not billed once more, but with its part of what the
    /// commitment costs.
    pub(super) fn covered(self, commitment: usize, rate: UnitPrice) -> Self {
        let Fraction { part, whole } = self.quantity;
        Self {
            billed: NanoUsd::ZERO,
            effective: rate.cost_of(part, whole),
            commitment: Some(commitment),
            ..self
        }
    }

    /// So much at a list price, billed as listed.
    pub(super) fn listed(
        kind: ChargeKind,
        resource: ChargeResource,
        (from, until): (SimTime, SimTime),
        quantity: Fraction,
        price: UnitPrice,
    ) -> Self {
        let cost = price.cost_of(quantity.part, quantity.whole);
        Self {
            kind,
            resource,
            from,
            until,
            quantity,
            unit_price: Some(price),
            list: cost,
            billed: cost,
            effective: cost,
            commitment: None,
        }
    }
}

/// A quantity with nine decimals, rounded half up once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(pub u128);

impl Quantity {
    const SCALE: u128 = 1_000_000_000;
}

/// Nothing over nothing is nothing.
impl From<Fraction> for Quantity {
    fn from(fraction: Fraction) -> Self {
        let Fraction { part, whole } = fraction;
        if whole == 0 {
            return Self(0);
        }
        let (units, rest) = (part / whole, part % whole);
        Self(units * Self::SCALE + (rest * Self::SCALE + whole / 2) / whole)
    }
}

/// Writes `12`, `12.5`, `0.000000001`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / Self::SCALE, self.0 % Self::SCALE);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{rest:09}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}
