//! The keys that hold for the whole scenario.

use jiff::{SignedDuration, Timestamp};

use crate::kernel::Distribution;
use crate::placement::{MissingSpreadAttribute, PlacementOptions, TieBreak};
use crate::scenario::CapacityOptions;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::distribution::{as_float, read_distribution};
use crate::scenario::read::{self, Fields};
use crate::units::Millis;
use crate::workload::TaskLatencies;

use super::{Environment, rows};

/// Its capacity providers are read elsewhere.
const CLUSTER_KEYS: [&str; 3] = [
    "name",
    "capacityProviders",
    "defaultCapacityProviderStrategy",
];
/// The longest run: ten years.
const LONGEST_RUN: Millis = Millis(3_650 * 86_400_000);
/// A period that is not given is the shortest of these with at most [`DEFAULT_ROWS`] rows.
const PERIODS: [Millis; 10] = [
    Millis(60_000),
    Millis(5 * 60_000),
    Millis(10 * 60_000),
    Millis(30 * 60_000),
    Millis(3_600_000),
    Millis(3 * 3_600_000),
    Millis(6 * 3_600_000),
    Millis(12 * 3_600_000),
    Millis(86_400_000),
    Millis(7 * 86_400_000),
];
/// Keys of `accountSettings`.
const ACCOUNT_SETTINGS: [&str; 2] = ["awsvpcTrunking", "fargateTaskRetirementWaitPeriod"];
const DEFAULT_ROWS: u64 = 1_500;
const MOST_ROWS: u64 = 1_000_000;

/// The single values at the top of a scenario.
pub(super) struct Top {
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) start: Timestamp,
    /// `None` when it was reported.
    pub(super) duration: Option<Millis>,
    pub(super) region: String,
    pub(super) cluster_name: String,
    pub(super) timeseries_period: Millis,
}

pub(super) fn read_top(
    fields: &Fields<'_>,
    environment: &Environment<'_>,
    diagnostics: &mut Diagnostics,
) -> Top {
    let name = fields
        .get("name")
        .and_then(|node| read::name(node, "a name", diagnostics));
    let seed = fields
        .get("seed")
        .and_then(|node| read::number(node, 0..=u64::MAX, diagnostics));
    let duration = read_duration(fields, diagnostics);
    let region = fields
        .get("region")
        .and_then(|node| read::name(node, "a region", diagnostics));
    Top {
        name: name.unwrap_or(environment.default_name).to_owned(),
        seed: environment.seed.or(seed).unwrap_or(1),
        start: read_start(fields, duration, diagnostics),
        duration,
        region: region.unwrap_or("us-east-1").to_owned(),
        cluster_name: read_cluster_name(fields, diagnostics),
        timeseries_period: read_period(fields, duration, diagnostics),
    }
}

fn read_duration(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let node = fields.required("duration", "24h", diagnostics)?;
    let duration = read::positive_duration(node, diagnostics)?;
    if duration > LONGEST_RUN {
        diagnostics
            .error(node.place, format!("a run of {duration} is too long"))
            .label("expected at most 3650d");
        return None;
    }
    Some(duration)
}

fn read_start(
    fields: &Fields<'_>,
    duration: Option<Millis>,
    diagnostics: &mut Diagnostics,
) -> Timestamp {
    const EXPECTED: &str = "a time such as `2026-01-05T00:00:00Z`";
    // 2026-01-01T00:00:00Z
    let default = Timestamp::constant(1_767_225_600, 0);
    let Some(node) = fields.get("start") else {
        return default;
    };
    let Some(text) = read::text(node, EXPECTED, diagnostics) else {
        return default;
    };
    let Ok(start) = text.parse::<Timestamp>() else {
        diagnostics
            .error(node.place, format!("`{text}` is not a time"))
            .label(format!("expected {EXPECTED}"))
            .nearest(in_utc(text).as_deref());
        return default;
    };
    let span = duration
        .and_then(|span| i64::try_from(span.0).ok())
        .unwrap_or_default();
    if start
        .checked_add(SignedDuration::from_millis(span))
        .is_err()
    {
        diagnostics.error(node.place, "the run would end after the year 9999");
        return default;
    }
    start
}

/// A time or a date that lacks its zone, with that of UTC.
fn in_utc(text: &str) -> Option<String> {
    let with = |rest: &str| format!("{text}{rest}");
    [with("Z"), with(":00Z"), with("T00:00:00Z")]
        .into_iter()
        .find(|whole| whole.parse::<Timestamp>().is_ok())
}

fn read_cluster_name(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> String {
    fields
        .get("cluster")
        .and_then(|node| read::fields(node, &CLUSTER_KEYS, diagnostics))
        .and_then(|cluster| cluster.get("name"))
        .and_then(|node| read::name(node, "a cluster name", diagnostics))
        .unwrap_or("default")
        .to_owned()
}

fn read_period(
    fields: &Fields<'_>,
    duration: Option<Millis>,
    diagnostics: &mut Diagnostics,
) -> Millis {
    let given = fields
        .get("timeseriesPeriod")
        .map(|node| (node, read::positive_duration(node, diagnostics)));
    let Some(duration) = duration else {
        return Millis::MINUTE;
    };
    let Some((node, period)) = given else {
        return default_period(duration);
    };
    let Some(period) = period else {
        return Millis::MINUTE;
    };
    let count = rows(duration, period);
    if count > MOST_ROWS {
        diagnostics
            .error(
                node.place,
                format!("a row every {period} would make {count} rows"),
            )
            .label(format!(
                "expected a period that makes at most {MOST_ROWS} rows"
            ));
    }
    period
}

fn default_period(duration: Millis) -> Millis {
    let longest = PERIODS[PERIODS.len() - 1];
    PERIODS
        .into_iter()
        .find(|period| rows(duration, *period) <= DEFAULT_ROWS)
        .unwrap_or(longest)
}

/// What `latencies` says.
pub(super) struct Latencies {
    pub(super) tasks: TaskLatencies,
    /// How long Cloud Map takes to know a task.
    pub(super) service_registration: Distribution,
    /// How long it takes to give the network interface of an `awsvpc` task back.
    pub(super) network_interface_detach: Distribution,
    pub(super) capacity: CapacityLatencies,
}

/// How long instances take to come, see [`CapacityOptions`].
pub(super) struct CapacityLatencies {
    pub(super) instance_launch: Distribution,
    pub(super) agent_registration: Distribution,
    pub(super) warm_start: Distribution,
}

impl Latencies {
    /// AWS publishes none of these times: the defaults are this simulator's own assumption.
    fn assumed() -> Self {
        let capacity = CapacityOptions::default();
        Self {
            capacity: CapacityLatencies {
                instance_launch: capacity.instance_launch,
                agent_registration: capacity.agent_registration,
                warm_start: capacity.warm_start,
            },
            tasks: TaskLatencies {
                start: Distribution::Lognormal {
                    median_ms: as_float(Millis(6_000)),
                    sigma: 0.5,
                },
                stop: Distribution::Uniform {
                    min: Millis(200),
                    max: Millis(1_500),
                },
            },
            service_registration: Distribution::Uniform {
                min: Millis(1_000),
                max: Millis(5_000),
            },
            network_interface_detach: Distribution::Fixed(Millis::ZERO),
        }
    }
}

pub(super) fn read_latencies(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Latencies {
    let mut latencies = Latencies::assumed();
    let Some(given) = fields.get("latencies").and_then(|node| {
        // How long pulls take is read with the settings of agents.
        let keys = [
            "instant",
            "start",
            "stop",
            "serviceRegistration",
            "networkInterfaceDetach",
            "imagePull",
            "instanceLaunch",
            "agentRegistration",
            "warmStart",
        ];
        read::fields_like(node, &keys, "start: 5s, stop: 1s", diagnostics)
    }) else {
        return latencies;
    };
    let is_instant = given
        .get("instant")
        .and_then(|node| read::boolean(node, diagnostics))
        .unwrap_or(false);
    let laws = [
        ("start", &mut latencies.tasks.start),
        ("stop", &mut latencies.tasks.stop),
        ("serviceRegistration", &mut latencies.service_registration),
        (
            "networkInterfaceDetach",
            &mut latencies.network_interface_detach,
        ),
        ("instanceLaunch", &mut latencies.capacity.instance_launch),
        (
            "agentRegistration",
            &mut latencies.capacity.agent_registration,
        ),
        ("warmStart", &mut latencies.capacity.warm_start),
    ];
    for (key, law) in laws {
        if is_instant {
            *law = Distribution::Fixed(Millis::ZERO);
        }
        let Some(node) = given.get(key) else {
            continue;
        };
        let read = read_distribution(node, diagnostics);
        if is_instant {
            let place = given.key_place(key).unwrap_or(node.place);
            diagnostics
                .error(place, format!("`{key}` beside `instant: true`"))
                .help("instant makes all latencies zero: remove one of them");
        } else if let Some(read) = read {
            *law = read;
        }
    }
    latencies
}

pub(super) fn read_awsvpc_trunking(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> bool {
    let choices = [("enabled", true), ("disabled", false)];
    fields
        .get("accountSettings")
        .and_then(|node| read::fields(node, &ACCOUNT_SETTINGS, diagnostics))
        .and_then(|settings| settings.get("awsvpcTrunking"))
        .and_then(|node| read::one_of(node, "awsvpcTrunking", &choices, diagnostics))
        .unwrap_or(false)
}

/// `fargateTaskRetirementWaitPeriod`: 0, 7 or 14 days, 7 where it is not given. The keys beside it
/// are checked with `awsvpcTrunking`.
pub(super) fn read_retirement_wait(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Millis {
    let key = "fargateTaskRetirementWaitPeriod";
    let choices = [("0", 0), ("7", 7), ("14", 14)];
    let settings = fields.get("accountSettings");
    let given = settings.and_then(|node| node.get(key));
    let days = given.and_then(|node| read::one_of(node, key, &choices, diagnostics));
    Millis(days.unwrap_or(7) * Millis::DAY.0)
}

pub(super) fn read_placement_options(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> PlacementOptions {
    let keys = ["tieBreak", "missingSpreadAttribute"];
    let mut options = PlacementOptions::default();
    let Some(given) = fields
        .get("placementOptions")
        .and_then(|node| read::fields(node, &keys, diagnostics))
    else {
        return options;
    };
    if let Some(node) = given.get("tieBreak") {
        let choices = [
            ("lowestInstanceId", TieBreak::LowestInstanceId),
            ("random", TieBreak::Random),
        ];
        options.tie_break =
            read::one_of(node, "tieBreak", &choices, diagnostics).unwrap_or_default();
    }
    if let Some(node) = given.get("missingSpreadAttribute") {
        let choices = [
            ("ownGroup", MissingSpreadAttribute::OwnGroup),
            ("last", MissingSpreadAttribute::Last),
        ];
        options.missing_spread_attribute =
            read::one_of(node, "missingSpreadAttribute", &choices, diagnostics).unwrap_or_default();
    }
    options
}

#[cfg(test)]
mod tests {
    use super::default_period;
    use crate::units::Millis;

    #[test]
    fn the_default_period_makes_at_most_1500_rows() {
        for (duration, period) in [
            (Millis(1), Millis::MINUTE),
            (Millis::DAY, Millis::MINUTE),
            (Millis(1_500 * 60_000), Millis::MINUTE),
            (Millis(1_500 * 60_000 + 1), Millis(300_000)),
            (Millis(30 * 86_400_000), Millis(1_800_000)),
            (Millis(3_650 * 86_400_000), Millis(7 * 86_400_000)),
        ] {
            assert_eq!(default_period(duration), period, "{duration}");
        }
    }
}
