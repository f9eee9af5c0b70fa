//! `commitments`: Reserved Instances and Savings Plans, with the rates that the scenario gives.

use crate::model::{
    Commitments, FargatePlatform, InstanceType, Meter, ReservedInstances, SavingsPlan,
    SavingsPlanType,
};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::HourlyRate;

use super::instance_types::InstanceTypes;
use super::subnets::read_zone;

const RESERVED_KEYS: [&str; 5] = [
    "name",
    "instanceType",
    "instanceCount",
    "availabilityZone",
    "usdPerHour",
];
const PLAN_KEYS: [&str; 5] = [
    "name",
    "savingsPlanType",
    "ec2InstanceFamily",
    "commitment",
    "rates",
];
/// Keys of a plan's rates for Fargate.
const FARGATE_KEYS: [&str; 3] = ["platform", "vcpuUsdPerHour", "memoryGbUsdPerHour"];
/// More than anybody reserves.
const MOST_INSTANCES: u32 = 1_000_000;

/// Reads the commitments.
pub(super) struct CommitmentsReader<'a> {
    pub(super) region: &'a str,
    pub(super) types: &'a InstanceTypes,
}

impl CommitmentsReader<'_> {
    pub(super) fn read(&self, root: &Fields<'_>, diagnostics: &mut Diagnostics) -> Commitments {
        let keys = ["reservedInstances", "savingsPlans"];
        let fields = root
            .get("commitments")
            .and_then(|node| read::fields(node, &keys, diagnostics));
        let Some(fields) = fields else {
            return Commitments::default();
        };
        let mut names = Vec::new();
        let mut commitments = Commitments::default();
        for item in read::items_of(&fields, "reservedInstances", diagnostics) {
            let place = commitments.reserved_instances.len() + 1;
            let name = read_name(item, &format!("reserved-{place}"), &mut names, diagnostics);
            let read = self.read_reserved(item, diagnostics);
            commitments
                .reserved_instances
                .extend(read.map(|read| ReservedInstances { name, ..read }));
        }
        for item in read::items_of(&fields, "savingsPlans", diagnostics) {
            let place = commitments.savings_plans.len() + 1;
            let default = format!("savings-plan-{place}");
            let name = read_name(item, &default, &mut names, diagnostics);
            let read = self.read_plan(item, diagnostics);
            commitments
                .savings_plans
                .extend(read.map(|read| SavingsPlan { name, ..read }));
        }
        warn_of_no_use(root, &commitments, &self.types.used, diagnostics);
        commitments
    }

    fn read_reserved(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<ReservedInstances> {
        let fields = read::fields(node, &RESERVED_KEYS, diagnostics)?;
        let instance_type = self.read_type(&fields, diagnostics);
        let count = fields
            .required("instanceCount", "4", diagnostics)
            .and_then(|node| read::number_u32(node, 1..=MOST_INSTANCES, diagnostics));
        let zone = fields
            .get("availabilityZone")
            .map(|node| read_zone(node, self.region, diagnostics));
        let rate = read_rate(&fields, diagnostics);
        Some(ReservedInstances {
            name: String::new(),
            instance_type: instance_type?,
            count: count?,
            availability_zone: match zone {
                Some(zone) => Some(zone?),
                None => None,
            },
            rate: rate?,
        })
    }

    fn read_plan(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<SavingsPlan> {
        let fields = read::fields(node, &PLAN_KEYS, diagnostics)?;
        let plan_type = read_plan_type(&fields, diagnostics);
        let commitment = fields
            .required("commitment", "1.50", diagnostics)
            .and_then(|node| positive_rate(node, diagnostics));
        let mut rates: Vec<(Meter, HourlyRate)> = Vec::new();
        let given = fields.required(
            "rates",
            "[{instanceType: m5.large, usdPerHour: 0.06}]",
            diagnostics,
        );
        for item in given
            .and_then(|node| read::items(node, diagnostics))
            .unwrap_or_default()
        {
            let found = if FARGATE_KEYS.iter().any(|key| item.get(key).is_some()) {
                read_fargate_rates(item, plan_type.as_ref(), diagnostics)
            } else {
                let rate = self.read_plan_rate(item, plan_type.as_ref(), diagnostics);
                rate.into_iter().collect()
            };
            let is_known = |meter| rates.iter().any(|(other, _)| other == meter);
            if found.iter().any(|(meter, _)| is_known(meter)) {
                diagnostics.error(item.place, "a second rate for the same usage");
            }
            rates.extend(found);
        }
        Some(SavingsPlan {
            name: String::new(),
            plan_type: plan_type?,
            commitment: commitment?,
            rates,
        })
    }

    fn read_plan_rate(
        &self,
        node: &Node,
        plan_type: Option<&SavingsPlanType>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Meter, HourlyRate)> {
        let fields = read::fields(node, &["instanceType", "usdPerHour"], diagnostics)?;
        let instance_type = self.read_type(&fields, diagnostics);
        let rate = read_rate(&fields, diagnostics);
        let instance_type = instance_type?;
        if let (Some(SavingsPlanType::Ec2Instance { family }), Some(node)) =
            (plan_type, fields.get("instanceType"))
            && family_of(&instance_type) != Some(family)
        {
            let title = format!("`{instance_type}` is not of the family `{family}`");
            diagnostics
                .error(node.place, title)
                .help("an EC2 Instance Savings Plan is for one family; a Compute one for all");
            return None;
        }
        Some((Meter::Instance(instance_type), rate?))
    }

    fn read_type(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
        let node = fields.required("instanceType", "m5.large", diagnostics)?;
        let name = read::name(node, "an instance type", diagnostics)?;
        if !self.types.is_known(name) {
            self.types.report_unknown(name, node.place, diagnostics);
            return None;
        }
        Some(name.to_owned())
    }
}

/// A plan's rates for the vCPUs and the memory of Fargate tasks of a platform.
fn read_fargate_rates(
    node: &Node,
    plan_type: Option<&SavingsPlanType>,
    diagnostics: &mut Diagnostics,
) -> Vec<(Meter, HourlyRate)> {
    let Some(fields) = read::fields(node, &FARGATE_KEYS, diagnostics) else {
        return Vec::new();
    };
    if matches!(plan_type, Some(SavingsPlanType::Ec2Instance { .. })) {
        diagnostics
            .error(
                node.place,
                "an EC2 Instance Savings Plan does not cover Fargate",
            )
            .help("a Compute Savings Plan does");
    }
    let choices = FargatePlatform::ALL.map(|platform| (platform.name(), platform));
    let platform = fields
        .get("platform")
        .map_or(Some(FargatePlatform::LinuxX86), |node| {
            read::one_of(node, "platform", &choices, diagnostics)
        });
    let mut rate = |key: &str, example: &str| {
        let node = fields.required(key, example, diagnostics)?;
        positive_rate(node, diagnostics)
    };
    let (vcpu, memory) = (
        rate("vcpuUsdPerHour", "0.03"),
        rate("memoryGbUsdPerHour", "0.003"),
    );
    let (Some(platform), Some(vcpu), Some(memory)) = (platform, vcpu, memory) else {
        return Vec::new();
    };
    vec![
        (Meter::FargateVcpu(platform), vcpu),
        (Meter::FargateMemory(platform), memory),
    ]
}

/// Warns of what is committed to for types of which the scenario has no instance.
fn warn_of_no_use(
    root: &Fields<'_>,
    commitments: &Commitments,
    used: &[InstanceType],
    diagnostics: &mut Diagnostics,
) {
    let Some(place) = root.key_place("commitments") else {
        return;
    };
    let is_used = |name: &str| used.iter().any(|used| used.name == name);
    for reserved in &commitments.reserved_instances {
        let (name, instance_type) = (&reserved.name, &reserved.instance_type);
        if !is_used(instance_type) {
            let title = format!("no instance of the scenario is of `{name}`'s {instance_type}");
            diagnostics
                .warning_of_no_effect(place, title)
                .help("they are paid for all the same");
        }
    }
    for plan in &commitments.savings_plans {
        let covers = |(meter, _): &(Meter, HourlyRate)| match meter {
            Meter::Instance(name) => is_used(name),
            // Whether Fargate tasks run is known when the work has been read.
            Meter::FargateVcpu(_) | Meter::FargateMemory(_) => true,
        };
        if !plan.rates.iter().any(covers) {
            let name = &plan.name;
            diagnostics
                .warning_of_no_effect(
                    place,
                    format!("`{name}` has a rate for nothing that is used"),
                )
                .help("its commitment is paid all the same");
        }
    }
}

/// `m5` of `m5.large`.
fn family_of(instance_type: &str) -> Option<&str> {
    instance_type.split_once('.').map(|(family, _)| family)
}

fn read_plan_type(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<SavingsPlanType> {
    let kinds = [("Compute", false), ("EC2Instance", true)];
    let of_family = fields
        .required("savingsPlanType", "Compute", diagnostics)
        .and_then(|node| read::one_of(node, "savingsPlanType", &kinds, diagnostics))?;
    if !of_family {
        if let Some(place) = fields.key_place("ec2InstanceFamily") {
            diagnostics
                .error(place, "a Compute Savings Plan is for no one family")
                .help("remove `ec2InstanceFamily`, or set `savingsPlanType: EC2Instance`");
        }
        return Some(SavingsPlanType::Compute);
    }
    let node = fields.required("ec2InstanceFamily", "m5", diagnostics)?;
    let family = read::name(node, "a family of instance types", diagnostics)?;
    Some(SavingsPlanType::Ec2Instance {
        family: family.to_owned(),
    })
}

fn read_rate(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<HourlyRate> {
    let node = fields.required("usdPerHour", "0.06", diagnostics)?;
    positive_rate(node, diagnostics)
}

fn positive_rate(node: &Node, diagnostics: &mut Diagnostics) -> Option<HourlyRate> {
    let rate = read::rate(node, diagnostics)?;
    if rate.0 == 0 {
        diagnostics
            .error(node.place, "a commitment costs something")
            .label("expected US dollars an hour above 0");
        return None;
    }
    Some(rate)
}

/// The name of a commitment, which no other has.
fn read_name(
    node: &Node,
    default: &str,
    names: &mut Vec<String>,
    diagnostics: &mut Diagnostics,
) -> String {
    let given = node.get("name").filter(|node| !node.is_null());
    let name = given.and_then(|node| read::name(node, "the name of a commitment", diagnostics));
    let name = name.unwrap_or(default).to_owned();
    if names.contains(&name) {
        let place = given.unwrap_or(node).place;
        diagnostics.error(
            place,
            format!("the name `{name}` is given twice in `commitments`"),
        );
    }
    names.push(name.clone());
    name
}
