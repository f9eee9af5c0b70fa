//! `costs.csv` in the columns of FOCUS 1.2, and `commitments.csv`.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};

use crate::cost::{Bill, Charge, ChargeKind, ChargePart, ChargeResource, MONEY, Quantity};
use crate::record::Run;
use crate::units::{Millis, NanoUsd, SimTime, UnitPrice};

use super::csv::{text, writer};

/// The columns of `costs.csv`: those of FOCUS 1.2 that mean something here, in FOCUS's own order,
/// then ours.
pub const COST_COLUMNS: [&str; 43] = [
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "ResourceId",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuMeter",
    "Tags",
    "x_CapacityProvider",
    "x_ChargeKind",
    "x_ScenarioId",
    "x_Seed",
    "x_Simulated",
];

/// The columns of `commitments.csv`.
pub const COMMITMENT_COLUMNS: [&str; 6] = [
    "time_ms",
    "commitment",
    "committed_usd",
    "used_usd",
    "covered_on_demand_usd",
    "on_demand_usd",
];

/// The account that is billed: a simulated one.
const ACCOUNT: &str = "simulated";
const PROVIDER: &str = "AWS";

/// Writes a row a line of the bill.
pub fn costs(run: &Run, bill: &Bill, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(COST_COLUMNS)?;
    for charge in &bill.charges {
        file.write_record(Row { run, charge }.fields())?;
    }
    file.flush()
}

/// Writes a row a commitment and hour of the run, by time.
pub fn commitments(run: &Run, bill: &Bill, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(COMMITMENT_COLUMNS)?;
    let hours = (0_u64..).zip(&bill.applied.on_demand);
    for ((hour, on_demand), place) in hours.zip(0_usize..) {
        for (commitment, of) in bill.applied.hours.iter().enumerate() {
            let row = &of[place];
            file.write_record([
                (hour * Millis::HOUR.0).to_string(),
                commitment_name(run, commitment).to_owned(),
                money(row.committed),
                money(row.used),
                money(row.covered),
                money(*on_demand),
            ])?;
        }
    }
    file.flush()
}

/// Money as hours of commitments have it, with nine decimals.
fn money(amount: u128) -> String {
    UnitPrice(1).cost_of(amount, MONEY).to_string()
}

fn commitment_name(run: &Run, place: usize) -> &str {
    let commitments = &run.pricing.commitments;
    let reserved = commitments.reserved_instances.iter().map(|of| &of.name);
    let plans = commitments.savings_plans.iter().map(|plan| &plan.name);
    reserved.chain(plans).nth(place).map_or("", String::as_str)
}

/// A row of `costs.csv`.
struct Row<'a> {
    run: &'a Run,
    charge: &'a Charge,
}

impl Row<'_> {
    fn fields(&self) -> [String; 43] {
        let (run, charge) = (self.run, self.charge);
        let [category, frequency, pricing] = self.categories();
        let [discount, discount_name, status, discount_type] = self.commitment();
        let [resource, resource_type] = self.resource();
        let [service, service_category] = service_of(charge.kind);
        let (quantity, unit) = (
            Quantity::from(charge.quantity).to_string(),
            charge.kind.unit(),
        );
        let is_usage = category == "Usage";
        let consumed = |value: &str| if is_usage { value } else { "" }.to_owned();
        let price = text(charge.unit_price.map(|price| NanoUsd(i128::from(price.0))));
        let [provider, zone, tags] = self.place();
        [
            zone,
            charge.billed.to_string(),
            ACCOUNT.to_owned(),
            ACCOUNT.to_owned(),
            "USD".to_owned(),
            moment(run, run.end(), true),
            moment(run, SimTime::ZERO, false),
            category.to_owned(),
            String::new(),
            self.description(),
            frequency.to_owned(),
            moment(run, charge.until, true),
            moment(run, charge.from, false),
            discount,
            discount_name.clone(),
            discount_name,
            status,
            discount_type,
            consumed(&quantity),
            consumed(unit),
            self.contracted().to_string(),
            price.clone(),
            charge.effective.to_string(),
            PROVIDER.to_owned(),
            charge.list.to_string(),
            price,
            pricing.to_owned(),
            quantity,
            unit.to_owned(),
            PROVIDER.to_owned(),
            PROVIDER.to_owned(),
            run.region.clone(),
            resource,
            resource_type,
            service_category.to_owned(),
            service.to_owned(),
            self.meter(),
            tags,
            provider,
            charge.kind.name().to_owned(),
            run.scenario.clone(),
            run.seed.to_string(),
            "true".to_owned(),
        ]
    }

    /// ChargeCategory, ChargeFrequency, PricingCategory.
    fn categories(&self) -> [&'static str; 3] {
        match self.charge.kind {
            ChargeKind::ReservedInstances | ChargeKind::SavingsPlan => {
                ["Purchase", "Recurring", "Committed"]
            }
            ChargeKind::SpotInstance
            | ChargeKind::FargateSpotVcpu
            | ChargeKind::FargateSpotMemory => ["Usage", "Usage-Based", "Dynamic"],
            _ if self.charge.commitment.is_some() => ["Usage", "Usage-Based", "Committed"],
            _ => ["Usage", "Usage-Based", "Standard"],
        }
    }

    /// CommitmentDiscountCategory, its name, its status, its type.
    fn commitment(&self) -> [String; 4] {
        let Some(place) = self.charge.commitment else {
            return [const { String::new() }; 4];
        };
        let is_reserved = place < self.run.pricing.commitments.reserved_instances.len();
        let (category, of_type) = if is_reserved {
            ("Usage", "Reserved Instance")
        } else {
            ("Spend", "Savings Plan")
        };
        let status = match self.charge.kind {
            ChargeKind::ReservedInstances | ChargeKind::SavingsPlan => "",
            ChargeKind::UnusedCommitment => "Unused",
            _ => "Used",
        };
        let name = commitment_name(self.run, place);
        [category, name, status, of_type].map(str::to_owned)
    }

    /// ResourceId, ResourceType.
    fn resource(&self) -> [String; 2] {
        let run = self.run;
        let (id, of_type) = match self.charge.resource {
            ChargeResource::Instance(place) => {
                (run.instances[place].facts.id.to_string(), "instance")
            }
            ChargeResource::Fargate(place) => {
                let entry = run.fargate.uses[place].kind.entry;
                (run.entry_name(entry).to_owned(), "fargate-tasks")
            }
            ChargeResource::WarmPool(place) => {
                (run.auto_scaling_groups[place].name.clone(), "warm-pool")
            }
            ChargeResource::LoadBalancer(place) => {
                (run.load_balancers[place].name.clone(), "load-balancer")
            }
            ChargeResource::Commitment(place) => {
                (commitment_name(run, place).to_owned(), "commitment")
            }
            ChargeResource::Cluster => (run.cluster.clone(), "cluster"),
        };
        [id, of_type.to_owned()]
    }

    /// Capacity provider, zone, tags.
    fn place(&self) -> [String; 3] {
        let run = self.run;
        let (provider, zone, service) = match self.charge.resource {
            ChargeResource::Instance(place) => {
                let facts = &run.instances[place].facts;
                (
                    facts.capacity_provider.as_str(),
                    facts.availability_zone.as_str(),
                    None,
                )
            }
            ChargeResource::Fargate(place) => {
                let kind = &run.fargate.uses[place].kind;
                let service = run.service_of(kind.entry);
                let zone = kind.availability_zone.as_str();
                (
                    kind.capacity.name(),
                    zone,
                    service.map(|row| row.name.as_str()),
                )
            }
            ChargeResource::WarmPool(place) => (
                run.auto_scaling_groups[place].capacity_provider.as_str(),
                "",
                None,
            ),
            ChargeResource::LoadBalancer(_)
            | ChargeResource::Commitment(_)
            | ChargeResource::Cluster => ("", "", None),
        };
        let cluster = Some(("aws:ecs:clusterName", run.cluster.as_str()));
        let service = service.map(|name| ("aws:ecs:serviceName", name));
        let tags = [cluster, service].into_iter().flatten();
        let tags: std::collections::BTreeMap<&str, &str> = tags.collect();
        let tags = serde_json::to_string(&tags).unwrap_or_default();
        [provider.to_owned(), zone.to_owned(), tags]
    }

    /// What the price is of: an instance type, a platform of Fargate, or the kind of line.
    fn meter(&self) -> String {
        match self.charge.resource {
            ChargeResource::Instance(place) if self.charge.kind.part() == ChargePart::Compute => {
                self.run.instances[place].facts.instance_type.clone()
            }
            ChargeResource::Fargate(place) => {
                self.run.fargate.uses[place].kind.platform.name().to_owned()
            }
            _ => self.charge.kind.name().to_owned(),
        }
    }

    fn description(&self) -> String {
        let what = match self.charge.kind {
            ChargeKind::OnDemandInstance => "On-Demand",
            ChargeKind::SpotInstance => "Spot",
            ChargeKind::CoveredInstance
            | ChargeKind::CoveredFargateVcpu
            | ChargeKind::CoveredFargateMemory => "covered by a commitment",
            ChargeKind::EcsAnywhere => "ECS Anywhere",
            ChargeKind::OwnServer => "own server",
            ChargeKind::ReservedInstances => "Reserved Instances",
            ChargeKind::SavingsPlan => "Savings Plan",
            ChargeKind::UnusedCommitment => "not used",
            ChargeKind::FargateVcpu | ChargeKind::FargateSpotVcpu => "vCPU",
            ChargeKind::FargateMemory | ChargeKind::FargateSpotMemory => "memory",
            ChargeKind::FargateLicense => "operating system licence",
            ChargeKind::FargateStorage => "ephemeral storage",
            ChargeKind::RootVolume => "root volume",
            ChargeKind::ManagementFee => "management fee",
            ChargeKind::PublicIpv4 => "public IPv4 address",
            ChargeKind::LoadBalancer => "load balancer",
            ChargeKind::LoadBalancerCapacityUnit => "load balancer capacity units",
            ChargeKind::CrossZoneTraffic => "traffic between zones",
        };
        let of = self.meter();
        if of == self.charge.kind.name() {
            what.to_owned()
        } else {
            format!("{of}, {what}")
        }
    }

    /// What was agreed on: the list price but for Spot, whose price is the market's.
    fn contracted(&self) -> NanoUsd {
        match self.charge.kind {
            ChargeKind::SpotInstance => self.charge.billed,
            _ => self.charge.list,
        }
    }
}

/// ServiceName, ServiceCategory.
fn service_of(kind: ChargeKind) -> [&'static str; 2] {
    const EC2: &str = "Amazon Elastic Compute Cloud";
    const ECS: &str = "Amazon Elastic Container Service";
    match kind {
        ChargeKind::OnDemandInstance
        | ChargeKind::SpotInstance
        | ChargeKind::CoveredInstance
        | ChargeKind::ReservedInstances => [EC2, "Compute"],
        ChargeKind::SavingsPlan | ChargeKind::UnusedCommitment => ["Savings Plans", "Compute"],
        ChargeKind::EcsAnywhere
        | ChargeKind::OwnServer
        | ChargeKind::FargateVcpu
        | ChargeKind::FargateMemory
        | ChargeKind::FargateSpotVcpu
        | ChargeKind::FargateSpotMemory
        | ChargeKind::CoveredFargateVcpu
        | ChargeKind::CoveredFargateMemory
        | ChargeKind::FargateLicense
        | ChargeKind::FargateStorage
        | ChargeKind::ManagementFee => [ECS, "Compute"],
        ChargeKind::RootVolume => [EC2, "Storage"],
        ChargeKind::PublicIpv4 => ["Amazon Virtual Private Cloud", "Networking"],
        ChargeKind::LoadBalancer | ChargeKind::LoadBalancerCapacityUnit => {
            ["Elastic Load Balancing", "Networking"]
        }
        ChargeKind::CrossZoneTraffic => [EC2, "Networking"],
    }
}

/// A time of the run on the calendar, in whole seconds: up for the end of a period.
fn moment(run: &Run, at: SimTime, up: bool) -> String {
    let start = run.start.as_millisecond();
    let millis = start.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX));
    let up = if up { 999 } else { 0 };
    let seconds = millis.saturating_add(up).div_euclid(1_000);
    let at = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_secs(seconds));
    at.map(|at| at.to_string()).unwrap_or_default()
}
