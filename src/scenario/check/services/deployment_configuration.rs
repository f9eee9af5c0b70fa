//! `deploymentConfiguration` of a service and of an update.
//!
//! Sources: API reference of DeploymentConfiguration, DeploymentCircuitBreaker,
//! ThresholdConfiguration, DeploymentEarlySuccessCriteria, LinearConfiguration,
//! CanaryConfiguration.

use crate::control::{
    CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, DeploymentStrategy, EarlySuccess,
    Threshold,
};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::SchedulingStrategy;
use crate::units::{Millis, id};

use super::lifecycle_hooks::read_hooks;
use super::report_unknown_name;

const KEYS: [&str; 10] = [
    "minimumHealthyPercent",
    "maximumPercent",
    "deploymentCircuitBreaker",
    "alarms",
    "strategy",
    "bakeTimeInMinutes",
    "linearConfiguration",
    "canaryConfiguration",
    "lifecycleHooks",
    "earlySuccessCriteria",
];
const MOST_PERCENT: u32 = 10_000;
/// The longest bake time, of a step too: a day, in minutes.
const MOST_MINUTES: u64 = 1_440;

/// ECS's defaults.
pub(super) fn defaults(strategy: SchedulingStrategy) -> DeploymentConfiguration {
    match strategy {
        SchedulingStrategy::Replica => DeploymentConfiguration::replica(),
        SchedulingStrategy::Daemon => DeploymentConfiguration::daemon(),
    }
}

/// Which of the strategies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rolling,
    BlueGreen,
    Linear,
    Canary,
}

/// Reads a configuration.
pub(super) struct Reader<'a> {
    /// Names of alarms.
    pub(super) alarms: &'a [String],
    /// What holds where nothing is said.
    pub(super) base: DeploymentConfiguration,
}

impl Reader<'_> {
    pub(super) fn read(
        self,
        node: Option<&Node>,
        diagnostics: &mut Diagnostics,
    ) -> Option<DeploymentConfiguration> {
        let Some(node) = node else {
            return Some(self.base);
        };
        let example = "minimumHealthyPercent: 100, maximumPercent: 200";
        let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
        let (minimum, maximum) = self.read_percents(&fields, diagnostics);
        let mut read = self.base.clone();
        read.minimum_healthy_percent = minimum;
        read.maximum_percent = maximum;
        if fields.get("strategy").is_some() {
            read.strategy = read_strategy(&fields, diagnostics)?;
        } else if let Some(place) = ["linearConfiguration", "canaryConfiguration"]
            .into_iter()
            .find_map(|key| fields.key_place(key))
        {
            diagnostics
                .error(place, "a configuration without its `strategy`")
                .help("add `strategy: LINEAR` or `strategy: CANARY`");
        }
        if let Some(node) = fields.get("deploymentCircuitBreaker") {
            read.circuit_breaker = read_breaker(node, diagnostics);
        }
        if let Some(node) = fields.get("alarms") {
            read.alarms = self.read_alarms(node, diagnostics);
        }
        if let Some(node) = fields.get("bakeTimeInMinutes") {
            read.bake_time = read_minutes(node, diagnostics);
        }
        if fields.get("lifecycleHooks").is_some() {
            read.lifecycle_hooks = read_hooks(&fields, diagnostics);
        }
        if let Some(node) = fields.get("earlySuccessCriteria") {
            read.early_success = read_early_success(node, minimum, diagnostics);
        }
        check_together(&fields, &read, diagnostics);
        Some(read)
    }

    fn read_percents(&self, fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> (u32, u32) {
        let minimum = fields
            .get("minimumHealthyPercent")
            .and_then(|node| read::number_u32(node, 0..=100, diagnostics))
            .unwrap_or(self.base.minimum_healthy_percent);
        let maximum = fields
            .get("maximumPercent")
            .and_then(|node| read::number_u32(node, 100..=MOST_PERCENT, diagnostics))
            .unwrap_or(self.base.maximum_percent);
        (minimum, maximum)
    }

    /// `alarms`, when enabled; their names are looked up in any case.
    fn read_alarms(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<DeploymentAlarms> {
        let keys = ["alarmNames", "enable", "rollback"];
        let example = "alarmNames: [errors], enable: true, rollback: true";
        let fields = read::fields_like(node, &keys, example, diagnostics)?;
        let names = read::items_of(&fields, "alarmNames", diagnostics);
        let enable = flag(&fields, "enable", diagnostics)?;
        let rollback = flag(&fields, "rollback", diagnostics)?;
        if enable && names.is_empty() {
            let place = fields.key_place("alarmNames").unwrap_or(fields.place);
            diagnostics
                .error(place, "alarms are enabled, but none is named")
                .help("add `alarmNames: [errors]`");
        }
        let alarms = names
            .iter()
            .filter_map(|node| self.find_alarm(node, diagnostics))
            .collect();
        enable.then_some(DeploymentAlarms { alarms, rollback })
    }

    fn find_alarm(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
        let name = read::name(node, "the name of an alarm", diagnostics)?;
        if let Some(found) = self.alarms.iter().position(|known| known == name) {
            return Some(id(found));
        }
        let names: Vec<&str> = self.alarms.iter().map(String::as_str).collect();
        report_unknown_name(name, "alarm", "alarms", &names, node.place, diagnostics);
        None
    }
}

/// A flag that the API requires.
fn flag(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    let node = fields.required(key, "true", diagnostics)?;
    read::boolean(node, diagnostics)
}

fn read_minutes(node: &Node, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let minutes = read::number(node, 0..=MOST_MINUTES, diagnostics)?;
    Some(Millis(minutes * 60_000))
}

fn read_breaker(node: &Node, diagnostics: &mut Diagnostics) -> Option<CircuitBreaker> {
    let keys = [
        "enable",
        "rollback",
        "thresholdConfiguration",
        "resetOnHealthyTask",
    ];
    let fields = read::fields_like(node, &keys, "enable: true, rollback: true", diagnostics)?;
    let enable = flag(&fields, "enable", diagnostics);
    let rollback = flag(&fields, "rollback", diagnostics);
    let reset = fields
        .get("resetOnHealthyTask")
        .map_or(Some(true), |node| read::boolean(node, diagnostics));
    let threshold = match fields.get("thresholdConfiguration") {
        Some(node) => read_threshold(node, diagnostics),
        None => Some(Threshold::BoundedPercent(50)),
    };
    let breaker = CircuitBreaker {
        rollback: rollback?,
        threshold: threshold?,
        reset_on_healthy_task: reset?,
    };
    enable?.then_some(breaker)
}

fn read_threshold(node: &Node, diagnostics: &mut Diagnostics) -> Option<Threshold> {
    type Make = fn(u32) -> Threshold;
    let choices: [(&str, (Make, u32)); 3] = [
        ("BOUNDED_PERCENT", (Threshold::BoundedPercent, 100)),
        ("UNBOUNDED_PERCENT", (Threshold::UnboundedPercent, 100)),
        ("COUNT", (Threshold::Count, 1_000_000)),
    ];
    let example = "type: COUNT, value: 5";
    let fields = read::fields_like(node, &["type", "value"], example, diagnostics)?;
    let kind = fields
        .required("type", "COUNT", diagnostics)
        .and_then(|node| read::one_of(node, "type", &choices, diagnostics));
    let value = fields.required("value", "5", diagnostics);
    let ((make, most), value) = (kind?, value?);
    read::number_u32(value, 1..=most, diagnostics).map(make)
}

fn read_strategy(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<DeploymentStrategy> {
    let choices = [
        ("ROLLING", Kind::Rolling),
        ("BLUE_GREEN", Kind::BlueGreen),
        ("LINEAR", Kind::Linear),
        ("CANARY", Kind::Canary),
    ];
    let node = fields.get("strategy")?;
    let kind = read::one_of(node, "strategy", &choices, diagnostics)?;
    for (key, of) in [
        ("linearConfiguration", Kind::Linear),
        ("canaryConfiguration", Kind::Canary),
    ] {
        if let Some(place) = fields.key_place(key).filter(|_| of != kind) {
            let name = node.text().unwrap_or_default();
            diagnostics
                .error(place, format!("`{key}` beside `strategy: {name}`"))
                .help("remove it, or change the strategy");
        }
    }
    match kind {
        Kind::Rolling => Some(DeploymentStrategy::Rolling),
        Kind::BlueGreen => {
            let example = "10";
            fields.required("bakeTimeInMinutes", example, diagnostics)?;
            Some(DeploymentStrategy::BlueGreen)
        }
        Kind::Linear => {
            let given = fields.get("linearConfiguration");
            let keys = ["stepPercent", "stepBakeTimeInMinutes"];
            let (step, step_bake_time) = read_share(given, keys, (100, 30, 6), diagnostics)?;
            Some(DeploymentStrategy::Linear {
                step,
                step_bake_time,
            })
        }
        Kind::Canary => {
            let given = fields.get("canaryConfiguration");
            let keys = ["canaryPercent", "canaryBakeTimeInMinutes"];
            let (canary, canary_bake_time) = read_share(given, keys, (50, 1, 10), diagnostics)?;
            Some(DeploymentStrategy::Canary {
                canary,
                canary_bake_time,
            })
        }
    }
}

/// A share of the traffic in tenths of a percent, and how long it is watched. The figures are the
/// share where it is not given, the least share, and the minutes where they are not given.
fn read_share(
    node: Option<&Node>,
    keys: [&str; 2],
    (default, least, minutes): (u64, u64, u64),
    diagnostics: &mut Diagnostics,
) -> Option<(u32, Millis)> {
    let fields = match node {
        Some(node) => {
            let example = format!("{}: 10, {}: 5", keys[0], keys[1]);
            Some(read::fields_like(node, &keys, &example, diagnostics)?)
        }
        None => None,
    };
    let given = |key| fields.as_ref().and_then(|fields| fields.get(key));
    let expected = format!(
        "a percentage from {}.{} to 100, at most one decimal",
        least / 10,
        least % 10
    );
    let share = match given(keys[0]) {
        Some(node) => read::decimal(node, 10, least..=1_000, &expected, diagnostics),
        None => Some(default),
    };
    let bake_time = match given(keys[1]) {
        Some(node) => read_minutes(node, diagnostics),
        None => Some(Millis(minutes * 60_000)),
    };
    Some((u32::try_from(share?).ok()?, bake_time?))
}

fn read_early_success(
    node: &Node,
    minimum: u32,
    diagnostics: &mut Diagnostics,
) -> Option<EarlySuccess> {
    let keys = ["enable", "healthyPercent", "sourceServiceRevisionCleanup"];
    let example = "enable: true, healthyPercent: 90, sourceServiceRevisionCleanup: BLOCKING";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    if !flag(&fields, "enable", diagnostics)? {
        return None;
    }
    let percent_node = fields.required("healthyPercent", "90", diagnostics);
    let percent = percent_node.and_then(|node| read::number_u32(node, 0..=100, diagnostics));
    let choices = [("BLOCKING", true), ("DEFERRED", false)];
    let key = "sourceServiceRevisionCleanup";
    let blocking = fields
        .required(key, "BLOCKING", diagnostics)
        .and_then(|node| read::one_of(node, key, &choices, diagnostics));
    if let (Some(node), Some(percent)) = (percent_node, percent)
        && percent < minimum
    {
        diagnostics
            .error(
                node.place,
                format!("`healthyPercent` ({percent}) is too small"),
            )
            .label(format!(
                "expected at least `minimumHealthyPercent` ({minimum})"
            ));
    }
    Some(EarlySuccess {
        healthy_percent: percent?,
        blocking: blocking?,
    })
}

/// What one key says of another.
fn check_together(
    fields: &Fields<'_>,
    read: &DeploymentConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let is_rolling = read.strategy == DeploymentStrategy::Rolling;
    if let Some(place) = fields
        .key_place("earlySuccessCriteria")
        .filter(|_| !is_rolling && read.early_success.is_some())
    {
        diagnostics
            .error(place, "`earlySuccessCriteria` is for rolling updates alone")
            .help("remove it, or change the strategy");
    }
    if let Some(place) = fields
        .key_place("lifecycleHooks")
        .filter(|_| is_rolling && !read.lifecycle_hooks.is_empty())
    {
        diagnostics
            .warning(place, "lifecycle hooks of a rolling update are not called")
            .help("they are for `strategy: BLUE_GREEN`, `LINEAR` and `CANARY`");
    }
    if let Some(place) = fields
        .key_place("deploymentCircuitBreaker")
        .filter(|_| !is_rolling && read.circuit_breaker.is_some())
    {
        diagnostics
            .warning(place, "the circuit breaker watches rolling updates alone")
            .help("`alarms` and `lifecycleHooks` guard the other strategies");
    }
}
