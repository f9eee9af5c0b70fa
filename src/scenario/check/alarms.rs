//! `alarms`: PutMetricAlarm on a metric of a service, or states at given times.

use crate::control::alarm::{
    AlarmConfiguration, AlarmState, ComparisonOperator, Statistic, TreatMissingData,
};
use crate::control::metric::MetricValue;
use crate::model::ServiceId;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::{Service, ServiceUpdate};
use crate::scenario::traffic::{AlarmEntry, AlarmSource, ServiceMetric};
use crate::units::{Millis, SimTime, id};

use super::arrivals::Clock;
use super::services::{Services, read_time};

/// What PutMetricAlarm says of the alarm itself.
pub(super) const CONFIGURATION_KEYS: [&str; 8] = [
    "metricName",
    "statistic",
    "period",
    "evaluationPeriods",
    "datapointsToAlarm",
    "threshold",
    "comparisonOperator",
    "treatMissingData",
];
/// What it says beside that, without a bearing on a run.
pub(super) const ACCEPTED: [&str; 13] = [
    "namespace",
    "dimensions",
    "unit",
    "tags",
    "alarmArn",
    "alarmDescription",
    "actionsEnabled",
    "okActions",
    "alarmActions",
    "insufficientDataActions",
    "stateValue",
    "stateReason",
    "stateUpdatedTimestamp",
];
const LARGEST_PERIOD: u64 = 86_400;

pub(super) fn read_alarms(
    fields: &Fields<'_>,
    services: &Services,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Vec<AlarmEntry> {
    let mut alarms: Vec<AlarmEntry> = Vec::new();
    for item in read::items_of(fields, "alarms", diagnostics) {
        let Some(alarm) = read_entry(item, services, clock, diagnostics) else {
            continue;
        };
        if alarms.iter().any(|other| other.name == alarm.name) {
            let node = item.get("alarmName").unwrap_or(item);
            let title = format!("the name `{}` is given twice in `alarms`", alarm.name);
            diagnostics.error(node.place, title);
        }
        alarms.push(alarm);
    }
    alarms
}

fn read_entry(
    node: &Node,
    services: &Services,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<AlarmEntry> {
    let own = ["alarmName", "service", "states"];
    let keys = [&own[..], &CONFIGURATION_KEYS[..]].concat();
    let fields = read::fields_beside(node, &keys, &ACCEPTED, diagnostics)?;
    let name = fields
        .required("alarmName", "errors", diagnostics)
        .and_then(|node| read::name(node, "the name of an alarm", diagnostics));
    let source = if let Some(states) = fields.get("states") {
        refuse_beside_states(&fields, diagnostics);
        AlarmSource::Script(read_states(states, clock, diagnostics)?)
    } else {
        let service = fields
            .required("service", "web", diagnostics)
            .and_then(|node| services.find(node, diagnostics));
        let read = read_configuration(&fields, diagnostics);
        let (metric, configuration) = read?;
        AlarmSource::Metric {
            service: ServiceId(id(service?)),
            metric,
            configuration,
        }
    };
    Some(AlarmEntry {
        name: name?.to_owned(),
        source,
    })
}

fn refuse_beside_states(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    for key in ["service", "metricName", "threshold"] {
        if let Some(place) = fields.key_place(key) {
            diagnostics
                .error(place, format!("`{key}` beside `states`"))
                .help("an alarm watches a metric or follows a script: remove one of them");
        }
    }
}

fn read_states(
    node: &Node,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(SimTime, AlarmState)>> {
    let choices = [
        ("OK", AlarmState::Ok),
        ("ALARM", AlarmState::Alarm),
        ("INSUFFICIENT_DATA", AlarmState::InsufficientData),
    ];
    let mut states: Vec<(SimTime, AlarmState)> = Vec::new();
    for item in read::items(node, diagnostics)? {
        let keys = ["at", "state"];
        let fields = read::fields_like(item, &keys, "at: 1h, state: ALARM", diagnostics)?;
        let at = read_time(&fields, "this state", clock, diagnostics);
        let state = fields
            .required("state", "ALARM", diagnostics)
            .and_then(|node| read::one_of(node, "state", &choices, diagnostics));
        let (at, state) = (at?, state?);
        if states.last().is_some_and(|(before, _)| *before >= at) {
            diagnostics
                .error(item.place, "this state is not after the one before")
                .help("states stand in order of time, each at a time of its own");
        }
        states.push((at, state));
    }
    Some(states)
}

/// Reads the metric and the alarm.
pub(super) fn read_configuration(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(ServiceMetric, AlarmConfiguration)> {
    let metric = fields
        .required("metricName", "CPUUtilization", diagnostics)
        .and_then(|node| read_metric(node, diagnostics));
    let statistics = [
        ("Average", Statistic::Average),
        ("Minimum", Statistic::Minimum),
        ("Maximum", Statistic::Maximum),
        ("Sum", Statistic::Sum),
    ];
    let statistic = fields
        .get("statistic")
        .and_then(|node| read::one_of(node, "statistic", &statistics, diagnostics));
    let period = fields.get("period").map_or(Some(60), |node| {
        read::number(node, 1..=LARGEST_PERIOD, diagnostics)
    });
    let count = |key: &str, diagnostics: &mut Diagnostics| {
        let node = fields.get(key)?;
        read::number_u32(node, 1..=10_000, diagnostics)
    };
    fields.required("evaluationPeriods", "3", diagnostics);
    let evaluation_periods = count("evaluationPeriods", diagnostics);
    let datapoints_to_alarm = count("datapointsToAlarm", diagnostics).or(evaluation_periods);
    let threshold = fields
        .required("threshold", "80", diagnostics)
        .and_then(|node| read_value(node, diagnostics));
    let operator = read_operator(fields, diagnostics);
    let missing = [
        ("missing", TreatMissingData::Missing),
        ("notBreaching", TreatMissingData::NotBreaching),
        ("breaching", TreatMissingData::Breaching),
        ("ignore", TreatMissingData::Ignore),
    ];
    let treat_missing_data = fields
        .get("treatMissingData")
        .and_then(|node| read::one_of(node, "treatMissingData", &missing, diagnostics))
        .unwrap_or(TreatMissingData::Missing);
    let configuration = AlarmConfiguration {
        period: Millis(period? * 1_000),
        statistic: statistic.unwrap_or_default(),
        comparison_operator: operator?,
        threshold: threshold?,
        evaluation_periods: evaluation_periods?,
        datapoints_to_alarm: datapoints_to_alarm?,
        treat_missing_data,
    };
    if let Err(error) = configuration.check() {
        let key = ["datapointsToAlarm", "period", "evaluationPeriods"]
            .into_iter()
            .find_map(|key| fields.get(key));
        let place = key.map_or(fields.place, |node| node.place);
        diagnostics.error(place, error.to_string());
        return None;
    }
    Some((metric?, configuration))
}

/// `comparisonOperator`, those of anomaly detection left out.
fn read_operator(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<ComparisonOperator> {
    let operators = [
        (
            "GreaterThanThreshold",
            ComparisonOperator::GreaterThanThreshold,
        ),
        (
            "GreaterThanOrEqualToThreshold",
            ComparisonOperator::GreaterThanOrEqualToThreshold,
        ),
        ("LessThanThreshold", ComparisonOperator::LessThanThreshold),
        (
            "LessThanOrEqualToThreshold",
            ComparisonOperator::LessThanOrEqualToThreshold,
        ),
    ];
    let key = "comparisonOperator";
    fields
        .required(key, "GreaterThanThreshold", diagnostics)
        .and_then(|node| read::one_of(node, key, &operators, diagnostics))
}

/// A metric by CloudWatch's name.
pub(super) fn read_metric(node: &Node, diagnostics: &mut Diagnostics) -> Option<ServiceMetric> {
    let choices = ServiceMetric::ALL.map(|metric| (metric.name(), metric));
    read::one_of(node, "metricName", &choices, diagnostics)
}

/// A value of a metric.
pub(super) fn read_value(node: &Node, diagnostics: &mut Diagnostics) -> Option<MetricValue> {
    let expected = "a number, at most three decimals";
    let text = read::text(node, expected, diagnostics)?;
    match MetricValue::parse(text) {
        Ok(value) => Some(value),
        Err(reason) => {
            diagnostics
                .error(node.place, format!("`{text}` {reason}"))
                .label(format!("expected {expected}"));
            None
        }
    }
}

/// Warns of alarms that no deployment heeds.
pub(super) fn warn_unused(
    fields: &Fields<'_>,
    alarms: &[AlarmEntry],
    services: &[Service],
    updates: &[ServiceUpdate],
    diagnostics: &mut Diagnostics,
) {
    let configurations = services
        .iter()
        .map(|service| &service.deployment_configuration)
        .chain(
            updates
                .iter()
                .filter_map(|update| update.deployment_configuration.as_ref()),
        );
    let used: Vec<u32> = configurations
        .filter_map(|configuration| configuration.alarms.as_ref())
        .flat_map(|alarms| alarms.alarms.iter().copied())
        .collect();
    let items = match fields.get("alarms").map(|node| &node.value) {
        Some(crate::scenario::node::Value::Sequence(items)) => items.as_slice(),
        _ => &[],
    };
    for (position, (alarm, item)) in alarms.iter().zip(items).enumerate() {
        if !used.contains(&id(position)) && alarms.len() == items.len() {
            let place = item.get("alarmName").map_or(item.place, |node| node.place);
            diagnostics
                .warning_of_no_effect(
                    place,
                    format!("no deployment heeds the alarm `{}`", alarm.name),
                )
                .help("name it in `alarms` of a `deploymentConfiguration`");
        }
    }
}
