//! Incidents of capacity: which instances, pools or Fargate tasks they strike, and how many.

use crate::cloud::fargate::FargateSettings;
use crate::model::{CapacityProviderId, InstanceTypeId, LaunchType, PurchaseOption};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::incidents::{
    Extent, IncidentKind, InstanceSelector, PoolSelector, StruckInstances,
};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{Capacity, CapacityProviderKind};
use crate::units::{Share, nearest};

use crate::scenario::check::capacity_providers::Providers;
use crate::scenario::check::fleet::Fleet;
use crate::scenario::check::work::Work;

use super::IncidentsReader;

/// The most instances or tasks that an incident counts.
const MOST: u32 = 1_000_000;

impl IncidentsReader<'_> {
    /// Instances by what they are: `{share: 20%, availabilityZone: us-east-1a}`.
    pub(super) fn read_selected(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<StruckInstances> {
        const KEYS: [&str; 6] = [
            "share",
            "count",
            "availabilityZone",
            "instanceType",
            "capacityProvider",
            "purchaseOption",
        ];
        let options = [
            ("on-demand", PurchaseOption::OnDemand),
            ("spot", PurchaseOption::Spot),
            ("external", PurchaseOption::External),
        ];
        let fields = read_selector(node, &KEYS, "share: 20%", diagnostics)?;
        let pools = self.read_pools(&fields, diagnostics);
        let capacity_provider = fields
            .get("capacityProvider")
            .and_then(|node| self.read_provider(node, diagnostics));
        let purchase_option = fields
            .get("purchaseOption")
            .and_then(|node| read::one_of(node, "purchaseOption", &options, diagnostics));
        if let (Some(PurchaseOption::Spot), Some(node)) =
            (purchase_option, fields.get("purchaseOption"))
        {
            self.warn_if_no_spot(node, diagnostics);
        }
        let extent = read_extent(&fields, diagnostics);
        let matching = InstanceSelector {
            availability_zone: pools.availability_zone,
            instance_type: pools.instance_type,
            capacity_provider,
            purchase_option,
        };
        Some(StruckInstances::Selected {
            matching,
            extent: extent?,
        })
    }

    /// A provider with container instances.
    fn read_provider(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<CapacityProviderId> {
        if matches!(node.text(), Some("FARGATE" | "FARGATE_SPOT")) {
            diagnostics
                .error(node.place, "Fargate has no container instances")
                .help("`fargateCapacityRefused` and `fargateSpotReclaim` strike Fargate");
            return None;
        }
        self.providers.find(node, diagnostics)
    }

    /// What strikes pools and Fargate.
    pub(super) fn read_of_capacity(
        &self,
        kind: &str,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<IncidentKind> {
        match kind {
            "spotReclaim" => {
                let keys = ["share", "count", "instanceType", "availabilityZone"];
                let fields = read_selector(node, &keys, "share: 20%", diagnostics)?;
                self.warn_if_no_spot(node, diagnostics);
                let pools = self.read_pools(&fields, diagnostics);
                let extent = read_extent(&fields, diagnostics)?;
                Some(IncidentKind::SpotReclaim { pools, extent })
            }
            "onDemandCapacityRefused" => {
                let keys = ["instanceType", "availabilityZone"];
                let example = "instanceType: m5.large";
                let fields = read_selector(node, &keys, example, diagnostics)?;
                if self
                    .fleet
                    .is_some_and(|fleet| !fleet.launches(PurchaseOption::OnDemand))
                {
                    diagnostics
                        .warning_of_no_effect(node.place, "no group launches On-Demand Instances")
                        .label("the incident has no effect");
                }
                let pools = self.read_pools(&fields, diagnostics);
                Some(IncidentKind::OnDemandCapacityRefused { pools })
            }
            "fargateCapacityRefused" => self.read_fargate_refused(node, diagnostics),
            _ => {
                let fields = read_selector(node, &["share", "count"], "share: 20%", diagnostics)?;
                self.warn_if_no_fargate(node, Some(PurchaseOption::FargateSpot), diagnostics);
                let extent = read_extent(&fields, diagnostics)?;
                Some(IncidentKind::FargateSpotReclaim { extent })
            }
        }
    }

    fn read_fargate_refused(
        &self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<IncidentKind> {
        let keys = ["capacityProvider", "availabilityZone"];
        let example = "capacityProvider: FARGATE_SPOT";
        let fields = read_selector(node, &keys, example, diagnostics)?;
        let choices = [
            ("FARGATE", PurchaseOption::Fargate),
            ("FARGATE_SPOT", PurchaseOption::FargateSpot),
        ];
        let purchase_option = match fields.get("capacityProvider") {
            Some(node) => Some(read::one_of(
                node,
                "capacityProvider",
                &choices,
                diagnostics,
            )?),
            None => None,
        };
        self.warn_if_no_fargate(node, purchase_option, diagnostics);
        // Fargate's tasks stand in the zones of their subnets, which no instance need stand in.
        let availability_zone = match fields.get("availabilityZone") {
            Some(node) => Some(read::name(node, "an Availability Zone", diagnostics)?.to_owned()),
            None => None,
        };
        Some(IncidentKind::FargateCapacityRefused {
            purchase_option,
            availability_zone,
        })
    }

    fn read_pools(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> PoolSelector {
        PoolSelector {
            instance_type: fields
                .get("instanceType")
                .and_then(|node| self.read_type(node, diagnostics)),
            availability_zone: fields
                .get("availabilityZone")
                .and_then(|node| self.read_zone(node, diagnostics)),
        }
    }

    /// A type that instances have.
    fn read_type(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<InstanceTypeId> {
        let name = read::name(node, "an instance type", diagnostics)?;
        self.fleet?.find_type(name, node, diagnostics)
    }

    fn warn_if_no_spot(&self, node: &Node, diagnostics: &mut Diagnostics) {
        if self
            .fleet
            .is_some_and(|fleet| !fleet.launches(PurchaseOption::Spot))
        {
            diagnostics
                .warning_of_no_effect(node.place, "no group launches Spot Instances")
                .label("the incident has no effect");
        }
    }

    fn warn_if_no_fargate(
        &self,
        node: &Node,
        purchase_option: Option<PurchaseOption>,
        diagnostics: &mut Diagnostics,
    ) {
        if !self.uses_fargate(purchase_option) {
            let what = match purchase_option {
                Some(PurchaseOption::FargateSpot) => "Fargate Spot",
                _ => "Fargate",
            };
            diagnostics
                .warning_of_no_effect(node.place, format!("no tasks run on {what}"))
                .label("the incident has no effect");
        }
    }

    /// Whether some tasks run on Fargate, on one of its two kinds of capacity where one is given.
    pub(super) fn uses_fargate(&self, purchase_option: Option<PurchaseOption>) -> bool {
        let is_meant = |option: PurchaseOption| purchase_option.is_none_or(|only| only == option);
        self.used.iter().any(|capacity| match capacity {
            Capacity::LaunchType(LaunchType::Fargate) => is_meant(PurchaseOption::Fargate),
            Capacity::LaunchType(_) => false,
            Capacity::Strategy(items) => {
                items.iter().any(
                    |item| match self.providers.list[item.provider.index()].kind {
                        CapacityProviderKind::Fargate => is_meant(PurchaseOption::Fargate),
                        CapacityProviderKind::FargateSpot => is_meant(PurchaseOption::FargateSpot),
                        CapacityProviderKind::AutoScalingGroup { .. }
                        | CapacityProviderKind::ManagedInstances { .. } => false,
                    },
                )
            }
        })
    }
}

/// Warns of zones in incidents in which neither instances nor tasks of Fargate stand.
pub(in crate::scenario::check) fn warn_of_zones(
    root: &Fields<'_>,
    fleet: &Fleet<'_>,
    work: &Work,
    fargate: &FargateSettings,
    providers: &Providers,
    diagnostics: &mut Diagnostics,
) {
    let of_tasks = work.tasks.iter().map(|entry| &entry.subnet_zones);
    let of_services = work.services.iter().map(|service| &service.subnet_zones);
    let of_subnets = of_tasks.chain(of_services).flatten();
    let of_fargate: Vec<&String> = fargate
        .availability_zones
        .iter()
        .chain(of_subnets)
        .collect();
    let Some(Value::Sequence(items)) = root.get("incidents").map(|node| &node.value) else {
        return;
    };
    let is_on_fargate = |capacity: &Capacity| capacity.is_fargate(&providers.list);
    let uses_fargate = work
        .tasks
        .iter()
        .any(|entry| is_on_fargate(&entry.capacity))
        || work
            .services
            .iter()
            .any(|service| is_on_fargate(&service.capacity));
    for item in items {
        let refused = item.get("fargateCapacityRefused");
        let refused = refused.and_then(|node| node.get("availabilityZone"));
        let lost = item.get("availabilityZoneLost");
        let lost = lost.filter(|node| {
            let stands = |zone: &String| node.text() == Some(zone);
            !fleet.zones().iter().any(stands)
        });
        for node in refused.into_iter().chain(lost.filter(|_| uses_fargate)) {
            let Some(zone) = node.text() else { continue };
            if !of_fargate.iter().any(|known| *known == zone) {
                let mut names: Vec<&str> = of_fargate.iter().map(|zone| zone.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                diagnostics
                    .warning_of_no_effect(node.place, format!("Fargate runs no tasks in `{zone}`"))
                    .label(format!("it runs them in {}", read::short_list(&names)))
                    .nearest(nearest(zone, names.iter().copied()));
            }
        }
    }
}

/// A mapping of what is struck; `true` is all of it.
fn read_selector<'n>(
    node: &'n Node,
    keys: &[&str],
    example: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n>> {
    if node.text() == Some("true") {
        return Some(Fields::none(node.place));
    }
    read::fields_like(node, keys, example, diagnostics)
}

/// `share` or `count`; all where neither is given.
fn read_extent(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Extent> {
    let (share, count) = (fields.get("share"), fields.get("count"));
    if let (Some(_), Some(_), Some(place)) = (share, count, fields.key_place("count")) {
        diagnostics
            .error(place, "both `share` and `count`")
            .help("remove one of them");
    }
    if let Some(node) = share {
        let expected = "a share such as `20%` or `0.2`";
        return read::share(node, expected, diagnostics).map(Extent::Share);
    }
    match count {
        Some(node) => read::number_u32(node, 1..=MOST, diagnostics).map(Extent::Count),
        None => Some(Extent::Share(Share::ALL)),
    }
}
