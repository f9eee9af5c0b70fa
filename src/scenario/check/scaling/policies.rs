//! `policies`: PutScalingPolicy's shape; a step scaling policy has the alarm that triggers it
//! beside it.

use crate::control::service_auto_scaling::{
    AdjustmentType, DEFAULT_COOLDOWN, DEFAULT_LOW_ALARM_PERCENT, Metric, MetricAggregationType,
    ScalingPolicy, StepAdjustment, StepScalingPolicyConfiguration,
    TargetTrackingScalingPolicyConfiguration,
};
use crate::scenario::check::alarms::{
    ACCEPTED as ALARM_ACCEPTED, CONFIGURATION_KEYS, read_configuration, read_metric, read_value,
};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::traffic::ServiceMetric;
use crate::units::{Millis, id};

const KEYS: [&str; 6] = [
    "policyName",
    "policyType",
    "targetTrackingScalingPolicyConfiguration",
    "stepScalingPolicyConfiguration",
    "predictiveScalingPolicyConfiguration",
    "alarm",
];
const ACCEPTED: [&str; 6] = [
    "policyARN",
    "serviceNamespace",
    "resourceId",
    "scalableDimension",
    "creationTime",
    "alarms",
];
const TARGET_TRACKING: &str = "targetTrackingScalingPolicyConfiguration";
const STEP: &str = "stepScalingPolicyConfiguration";
const LONGEST_COOLDOWN: u64 = 2_147_483_647;

#[derive(Clone, Copy)]
enum Kind {
    TargetTracking,
    Step,
    Predictive,
}

/// Reads the policies of a service.
pub(super) struct PoliciesReader {
    /// Whether the service is behind a load balancer.
    pub(super) has_target_group: bool,
    /// Metrics that are not predefined, by the place by which policies name them.
    pub(super) customized: Vec<ServiceMetric>,
}

impl PoliciesReader {
    pub(super) fn read(
        &mut self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<ScalingPolicy> {
        read::items_of(fields, "policies", diagnostics)
            .iter()
            .filter_map(|item| self.read_policy(item, diagnostics))
            .collect()
    }

    fn read_policy(&mut self, node: &Node, diagnostics: &mut Diagnostics) -> Option<ScalingPolicy> {
        let fields = read::fields_beside(node, &KEYS, &ACCEPTED, diagnostics)?;
        let name = fields
            .required("policyName", "cpu", diagnostics)
            .and_then(|node| read::name(node, "the name of a policy", diagnostics));
        let kind = read_kind(&fields, diagnostics)?;
        let (configuration, policy) = match kind {
            Kind::TargetTracking => {
                let example = "{targetValue: 60, ...}";
                let node = fields.required(TARGET_TRACKING, example, diagnostics)?;
                let read = self.read_target_tracking(node, diagnostics)?;
                (node, ScalingPolicy::target_tracking(name?, read))
            }
            Kind::Step => {
                let example = "{adjustmentType: ChangeInCapacity, stepAdjustments: [...]}";
                let node = fields.required(STEP, example, diagnostics)?;
                let read = self.read_step(&fields, node, diagnostics)?;
                (node, ScalingPolicy::step_scaling(name?, read))
            }
            Kind::Predictive => {
                diagnostics
                    .error(node.place, "predictive scaling is not simulated yet")
                    .help("the policies are TargetTrackingScaling and StepScaling");
                return None;
            }
        };
        match policy {
            Ok(policy) => Some(policy),
            Err(error) => {
                let place = ["stepAdjustments", "targetValue"]
                    .into_iter()
                    .find_map(|key| configuration.get(key))
                    .map_or(configuration.place, |node| node.place);
                diagnostics.error(place, error.to_string());
                None
            }
        }
    }

    fn read_target_tracking(
        &mut self,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<TargetTrackingScalingPolicyConfiguration> {
        const KEYS: [&str; 7] = [
            "targetValue",
            "predefinedMetricSpecification",
            "customizedMetricSpecification",
            "scaleOutCooldown",
            "scaleInCooldown",
            "disableScaleIn",
            "lowAlarmPercent",
        ];
        let fields = read::fields(node, &KEYS, diagnostics)?;
        let target_value = fields
            .required("targetValue", "60", diagnostics)
            .and_then(|node| read_value(node, diagnostics));
        let metric = self.read_policy_metric(&fields, diagnostics);
        let scale_out_cooldown = read_cooldown(&fields, "scaleOutCooldown", diagnostics);
        let scale_in_cooldown = read_cooldown(&fields, "scaleInCooldown", diagnostics);
        let disable_scale_in = fields
            .get("disableScaleIn")
            .map_or(Some(false), |node| read::boolean(node, diagnostics));
        let low_alarm_percent = fields
            .get("lowAlarmPercent")
            .map_or(Some(DEFAULT_LOW_ALARM_PERCENT), |node| {
                read::number_u32(node, 1..=100, diagnostics)
            });
        Some(TargetTrackingScalingPolicyConfiguration {
            metric: metric?,
            target_value: target_value?,
            scale_out_cooldown: scale_out_cooldown?,
            scale_in_cooldown: scale_in_cooldown?,
            disable_scale_in: disable_scale_in?,
            low_alarm_percent: low_alarm_percent?,
        })
    }

    /// The one metric of a target tracking policy.
    fn read_policy_metric(
        &mut self,
        fields: &Fields<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Metric> {
        let predefined = fields.get("predefinedMetricSpecification");
        let customized = fields.get("customizedMetricSpecification");
        match (predefined, customized) {
            (Some(node), None) => self.read_predefined(node, diagnostics),
            (None, Some(node)) => self.read_customized(node, diagnostics),
            (None, None) => {
                diagnostics
                    .error(fields.place, "a scaling policy without a metric")
                    .help(
                        "add `predefinedMetricSpecification: {predefinedMetricType: \
                         ECSServiceAverageCPUUtilization}`",
                    );
                None
            }
            (Some(_), Some(node)) => {
                diagnostics
                    .error(node.place, "a scaling policy with two metrics")
                    .help(
                        "keep `predefinedMetricSpecification` or `customizedMetricSpecification`",
                    );
                None
            }
        }
    }

    fn read_predefined(&self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Metric> {
        const HIGH_RESOLUTION: [&str; 2] = [
            "ECSServiceAverageCPUUtilizationHighResolution",
            "ECSServiceAverageMemoryUtilizationHighResolution",
        ];
        let choices = [
            (
                "ECSServiceAverageCPUUtilization",
                Metric::EcsServiceAverageCpuUtilization,
            ),
            (
                "ECSServiceAverageMemoryUtilization",
                Metric::EcsServiceAverageMemoryUtilization,
            ),
            ("ALBRequestCountPerTarget", Metric::AlbRequestCountPerTarget),
        ];
        let keys = ["predefinedMetricType", "resourceLabel"];
        let example = "predefinedMetricType: ECSServiceAverageCPUUtilization";
        let fields = read::fields_like(node, &keys, example, diagnostics)?;
        let kind = "ECSServiceAverageCPUUtilization";
        let node = fields.required("predefinedMetricType", kind, diagnostics)?;
        if node
            .text()
            .is_some_and(|name| HIGH_RESOLUTION.contains(&name))
        {
            diagnostics
                .error(node.place, "metrics of 20 seconds are not simulated")
                .help("metrics come by the minute: leave `HighResolution` out");
            return None;
        }
        let metric = read::one_of(node, "predefinedMetricType", &choices, diagnostics)?;
        if metric == Metric::AlbRequestCountPerTarget && !self.has_target_group {
            diagnostics
                .error(
                    node.place,
                    "requests per target of a service without targets",
                )
                .help("name a target group in `loadBalancers` of the service");
        }
        Some(metric)
    }

    fn read_customized(&mut self, node: &Node, diagnostics: &mut Diagnostics) -> Option<Metric> {
        let keys = ["metricName", "statistic", "metrics"];
        let accepted = ["namespace", "dimensions", "unit"];
        let fields = read::fields_beside(node, &keys, &accepted, diagnostics)?;
        if let Some(place) = fields.key_place("metrics") {
            diagnostics
                .error(place, "metric math is not simulated")
                .help("name one metric: `metricName: RequestCountPerTarget`");
            return None;
        }
        if let Some(node) = fields.get("statistic") {
            let choices = [("Average", ()), ("Sum", ())];
            read::one_of(node, "statistic", &choices, diagnostics);
        }
        let node = fields.required("metricName", "RequestCountPerTarget", diagnostics)?;
        let metric = read_metric(node, diagnostics)?;
        Some(self.metric(metric))
    }

    /// A metric as policies name it.
    fn metric(&mut self, metric: ServiceMetric) -> Metric {
        match metric {
            ServiceMetric::CpuUtilization => Metric::EcsServiceAverageCpuUtilization,
            ServiceMetric::MemoryUtilization => Metric::EcsServiceAverageMemoryUtilization,
            ServiceMetric::RequestCountPerTarget => Metric::AlbRequestCountPerTarget,
            other => {
                let known = self.customized.iter().position(|known| *known == other);
                let place = known.unwrap_or_else(|| {
                    self.customized.push(other);
                    self.customized.len() - 1
                });
                Metric::Customized(id(place))
            }
        }
    }

    fn read_step(
        &mut self,
        policy: &Fields<'_>,
        node: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<StepScalingPolicyConfiguration> {
        const KEYS: [&str; 5] = [
            "adjustmentType",
            "stepAdjustments",
            "cooldown",
            "minAdjustmentMagnitude",
            "metricAggregationType",
        ];
        let fields = read::fields(node, &KEYS, diagnostics)?;
        let alarm = if policy.get("alarm").is_none() {
            diagnostics
                .error(policy.place, "a scaling policy without a metric")
                .help(
                    "a step scaling policy needs the `alarm` that triggers it: `alarm: \
                     {metricName: CPUUtilization, threshold: 70, ...}`",
                );
            None
        } else {
            let node = policy.get("alarm")?;
            let own = ["alarmName"];
            let accepted = [&own[..], &ALARM_ACCEPTED[..]].concat();
            read::fields_beside(node, &CONFIGURATION_KEYS, &accepted, diagnostics)
                .and_then(|fields| read_configuration(&fields, diagnostics))
        };
        let types = [
            ("ChangeInCapacity", AdjustmentType::ChangeInCapacity),
            ("ExactCapacity", AdjustmentType::ExactCapacity),
            (
                "PercentChangeInCapacity",
                AdjustmentType::PercentChangeInCapacity,
            ),
        ];
        let adjustment_type = fields
            .required("adjustmentType", "ChangeInCapacity", diagnostics)
            .and_then(|node| read::one_of(node, "adjustmentType", &types, diagnostics));
        let aggregations = [
            ("Average", MetricAggregationType::Average),
            ("Minimum", MetricAggregationType::Minimum),
            ("Maximum", MetricAggregationType::Maximum),
        ];
        let key = "metricAggregationType";
        let aggregation = fields
            .get(key)
            .and_then(|node| read::one_of(node, key, &aggregations, diagnostics));
        let cooldown = read_cooldown(&fields, "cooldown", diagnostics);
        let magnitude = fields
            .get("minAdjustmentMagnitude")
            .and_then(|node| read::number_u32(node, 1..=1_000_000, diagnostics));
        let steps: Option<Vec<StepAdjustment>> =
            read::items_of(&fields, "stepAdjustments", diagnostics)
                .iter()
                .map(|item| read_adjustment(item, diagnostics))
                .collect();
        let (metric, alarm) = alarm?;
        Some(StepScalingPolicyConfiguration {
            metric: self.metric(metric),
            alarm,
            adjustment_type: adjustment_type?,
            step_adjustments: steps?,
            min_adjustment_magnitude: magnitude,
            cooldown: cooldown?,
            metric_aggregation_type: aggregation.unwrap_or_default(),
        })
    }
}

/// `policyType`, or the type whose configuration is there.
fn read_kind(fields: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Kind> {
    let choices = [
        ("TargetTrackingScaling", Kind::TargetTracking),
        ("StepScaling", Kind::Step),
        ("PredictiveScaling", Kind::Predictive),
    ];
    if let Some(node) = fields.get("policyType") {
        return read::one_of(node, "policyType", &choices, diagnostics);
    }
    let by_configuration = [
        (TARGET_TRACKING, Kind::TargetTracking),
        (STEP, Kind::Step),
        ("predictiveScalingPolicyConfiguration", Kind::Predictive),
    ];
    let found = by_configuration
        .into_iter()
        .find(|(key, _)| fields.get(key).is_some());
    if found.is_none() {
        fields.required("policyType", "TargetTrackingScaling", diagnostics);
    }
    found.map(|(_, kind)| kind)
}

/// A cooldown in seconds.
fn read_cooldown(fields: &Fields<'_>, key: &str, diagnostics: &mut Diagnostics) -> Option<Millis> {
    let Some(node) = fields.get(key) else {
        return Some(DEFAULT_COOLDOWN);
    };
    let seconds = read::number(node, 0..=LONGEST_COOLDOWN, diagnostics)?;
    Some(Millis(seconds * 1_000))
}

fn read_adjustment(node: &Node, diagnostics: &mut Diagnostics) -> Option<StepAdjustment> {
    const KEYS: [&str; 3] = [
        "metricIntervalLowerBound",
        "metricIntervalUpperBound",
        "scalingAdjustment",
    ];
    let example = "metricIntervalLowerBound: 0, scalingAdjustment: 2";
    let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
    let mut bound = |key: &str| match fields.get(key) {
        Some(node) => read_value(node, diagnostics).map(Some),
        None => Some(None),
    };
    let lower = bound("metricIntervalLowerBound");
    let upper = bound("metricIntervalUpperBound");
    let adjustment = fields
        .required("scalingAdjustment", "2", diagnostics)
        .and_then(|node| read_signed(node, diagnostics));
    Some(StepAdjustment {
        metric_interval_lower_bound: lower?,
        metric_interval_upper_bound: upper?,
        scaling_adjustment: adjustment?,
    })
}

fn read_signed(node: &Node, diagnostics: &mut Diagnostics) -> Option<i32> {
    let expected = "a whole number from -1000000 to 1000000";
    let text = read::text(node, expected, diagnostics)?;
    let number = text.parse::<i32>().ok();
    let found = number.filter(|number| number.unsigned_abs() <= 1_000_000);
    if found.is_none() {
        diagnostics
            .error(node.place, format!("`{text}` is no adjustment"))
            .label(format!("expected {expected}"));
    }
    found
}
