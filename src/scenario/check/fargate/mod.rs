//! `fargate`: quotas, launch rates, latencies, Fargate Spot, retirements, prices.
//!
//! Sources: Developer Guide, "AWS Fargate throttling quotas", "Amazon ECS service quotas", "Task
//! retirement and maintenance for AWS Fargate on Amazon ECS", "Fargate capacity providers".

mod prices;
mod spot;
mod uses;

use crate::cloud::fargate::{FargatePulls, FargateSettings, LaunchQuota, TaskRetirement};
use crate::kernel::Distribution;
use crate::scenario::Fargate;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::{as_float, read_distribution};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, Share};

use super::arrivals::Clock;
use super::capacity_providers::Providers;
use super::images::{is_instant, read_bandwidth};
use super::task_definitions::TaskDefinitions;
use super::work::Work;
use super::zones::ZonesReader;

use self::prices::PricesReader;
use self::uses::Uses;
pub(super) use self::uses::check_size;

const KEYS: [&str; 12] = [
    "availabilityZone",
    "availabilityZones",
    "vcpuQuota",
    "launchRate",
    "taskLaunchesPerMinute",
    "provisioning",
    "imagePull",
    "spot",
    "taskRetirements",
    "rates",
    "spotSavingsPercent",
    "storageGbUsdPerHour",
];
/// The Regions with the higher launch rates. AWS names them in its tables of quotas only; these
/// are the ones that are open without opting in.
const LARGE_REGIONS: [&str; 16] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
/// No quota and no trace has more vCPUs.
const MOST_VCPUS: u32 = 10_000_000;
const MOST_LAUNCHES: u32 = 1_000_000;

/// Reads the block, and checks what runs on Fargate.
pub(super) struct FargateReader<'a> {
    pub(super) region: &'a str,
    pub(super) clock: &'a Clock,
    pub(super) providers: &'a Providers,
    pub(super) definitions: &'a TaskDefinitions,
    pub(super) work: &'a Work,
    /// `accountSettings.fargateTaskRetirementWaitPeriod`.
    pub(super) retirement_wait: Millis,
}

impl FargateReader<'_> {
    pub(super) fn read(&self, root: &Fields<'_>, diagnostics: &mut Diagnostics) -> Fargate {
        let given = root.get("fargate").and_then(|node| {
            let example = "vcpuQuota: 100, spotSavingsPercent: 70";
            read::fields_like(node, &KEYS, example, diagnostics)
        });
        let own = given.unwrap_or(Fields::none(root.place));
        let is_instant = is_instant(root);
        let quotas = self.work.quotas;
        let settings = FargateSettings {
            availability_zones: ZonesReader::of_region(self.region).read(&own, diagnostics),
            cpu_quota: read_quotas(&own, diagnostics),
            launch_quota: self.read_launch_rate(&own, quotas, diagnostics),
            provisioning: read_provisioning(&own, is_instant, diagnostics),
            pulls: read_pulls(&own, is_instant, diagnostics),
            spot: spot::read_spot(&own, self.clock, diagnostics),
            retirements: self.read_retirements(&own, diagnostics),
        };
        let uses = Uses::of(root, self);
        if let Some(place) = root.key_place("fargate").filter(|_| uses.list.is_empty()) {
            diagnostics
                .warning_of_no_effect(place, "no tasks run on Fargate")
                .help("`launchType: FARGATE`, or a strategy of FARGATE and FARGATE_SPOT");
        }
        uses.check(&settings, diagnostics);
        let prices = PricesReader {
            region: self.region,
            fields: &own,
        };
        Fargate {
            task_launches_per_minute: self.read_service_rate(&own, root, quotas, diagnostics),
            prices: prices.read(&uses, diagnostics),
            settings,
        }
    }

    fn is_large_region(&self) -> bool {
        LARGE_REGIONS.contains(&self.region)
    }

    fn read_launch_rate(
        &self,
        own: &Fields<'_>,
        quotas: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<LaunchQuota> {
        let (burst, per_second) = if self.is_large_region() {
            (100, 20)
        } else {
            (25, 5)
        };
        let default = LaunchQuota { burst, per_second };
        let Some(node) = own.get("launchRate") else {
            return Some(default).filter(|_| quotas);
        };
        if node.text() == Some("none") {
            return None;
        }
        let example = "burst: 100, perSecond: 20";
        let fields = read::fields_like(node, &["burst", "perSecond"], example, diagnostics)?;
        let mut number = |key: &str, default: u32| {
            fields.get(key).map_or(Some(default), |node| {
                read::number_u32(node, 1..=MOST_LAUNCHES, diagnostics)
            })
        };
        let (burst, per_second) = (
            number("burst", default.burst),
            number("perSecond", default.per_second),
        );
        Some(LaunchQuota {
            burst: burst?,
            per_second: per_second?,
        })
    }

    /// The quota of one service, its own key before `serviceOptions`.
    fn read_service_rate(
        &self,
        own: &Fields<'_>,
        root: &Fields<'_>,
        quotas: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<u32> {
        if let Some(node) = own.get("taskLaunchesPerMinute") {
            return read::number_u32(node, 1..=MOST_LAUNCHES, diagnostics);
        }
        let options = root.get("serviceOptions");
        let of_services = options.and_then(|node| node.get("taskLaunchesPerMinute"));
        if of_services.is_some() {
            return self.work.service_options.task_launches_per_minute;
        }
        let default = if self.is_large_region() { 500 } else { 125 };
        quotas.then_some(default)
    }

    fn read_retirements(
        &self,
        own: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<TaskRetirement> {
        let mut retirements: Vec<TaskRetirement> = Vec::new();
        for item in read::items_of(own, "taskRetirements", diagnostics) {
            let Some(fields) = read::fields_like(item, &["at"], "at: 2d", diagnostics) else {
                continue;
            };
            let what = "the notice of a retirement";
            let at = super::services::read_time(&fields, what, self.clock, diagnostics);
            retirements.extend(at.map(|notice_at| TaskRetirement {
                notice_at,
                wait: self.retirement_wait,
            }));
        }
        retirements.sort_by_key(|retirement| retirement.notice_at);
        retirements
    }
}

/// `vcpuQuota: 100`, or by capacity provider.
fn read_quotas(own: &Fields<'_>, diagnostics: &mut Diagnostics) -> [Option<u64>; 2] {
    let Some(node) = own.get("vcpuQuota") else {
        return [None; 2];
    };
    if !matches!(node.value, Value::Mapping(_)) {
        let both = spot::read_vcpus(node, diagnostics);
        return [both; 2];
    }
    let fields = read::fields(node, &["FARGATE", "FARGATE_SPOT"], diagnostics);
    ["FARGATE", "FARGATE_SPOT"].map(|key| {
        let node = fields.as_ref()?.get(key)?;
        spot::read_vcpus(node, diagnostics)
    })
}

/// AWS publishes no figures: half a minute or so is an assumption of ours.
fn read_provisioning(
    own: &Fields<'_>,
    is_instant: bool,
    diagnostics: &mut Diagnostics,
) -> Distribution {
    let assumed = Distribution::Lognormal {
        median_ms: as_float(Millis(25_000)),
        sigma: 0.3,
    };
    let zero = Distribution::Fixed(Millis::ZERO);
    let Some(node) = own.get("provisioning") else {
        return if is_instant { zero } else { assumed };
    };
    if is_instant {
        refuse_beside_instant(own, "provisioning", diagnostics);
        return zero;
    }
    read_distribution(node, diagnostics).unwrap_or(assumed)
}

fn refuse_beside_instant(own: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) {
    let place = own.key_place(key).unwrap_or(own.place);
    diagnostics
        .error(
            place,
            format!("`{key}` beside `latencies: {{instant: true}}`"),
        )
        .help("instant makes all latencies zero: remove one of them");
}

fn read_pulls(own: &Fields<'_>, is_instant: bool, diagnostics: &mut Diagnostics) -> FargatePulls {
    let keys = ["bandwidth", "lazyLoading"];
    let example = "bandwidth: 100 MB, lazyLoading: 20%";
    let Some(fields) = own
        .get("imagePull")
        .and_then(|node| read::fields_like(node, &keys, example, diagnostics))
    else {
        return FargatePulls::default();
    };
    if is_instant {
        refuse_beside_instant(own, "imagePull", diagnostics);
    }
    FargatePulls {
        bytes_per_second: read_bandwidth(&fields, diagnostics),
        lazy_loading: fields
            .get("lazyLoading")
            .and_then(|node| read_lazy_loading(node, diagnostics)),
    }
}

fn read_lazy_loading(node: &Node, diagnostics: &mut Diagnostics) -> Option<Share> {
    let expected = "how much of an image is there before its container starts, such as `20%`";
    read::share(node, expected, diagnostics)
}
