//! `checks`: whether they hold of a run's summary.

use std::collections::BTreeMap;

use crate::cost::{
    CheckSummary, FargateCapacitySummary, FargateSummary, IncidentSummary, ServiceFallSummary,
    Summary,
};
use crate::model::FargateCapacity;
use crate::scenario::{Check, FigurePath, Scenario};
use crate::units::Millis;

use super::figures::{FigureError, Figures};
use super::run::play;

/// Why a check fails whose figure is `null`.
const NOTHING_MEASURED: &str = "there was nothing to measure: the summary has null there";

/// Looks at the summary with each check. A figure that is not there, or is `null`, fails its check,
/// with a reason.
pub fn evaluate(checks: &[Check], summary: &Summary) -> Vec<CheckSummary> {
    if checks.is_empty() {
        return Vec::new();
    }
    evaluate_in(checks, &Figures::of(summary))
}

/// The same, given the figures of the summary.
pub fn evaluate_in(checks: &[Check], figures: &Figures) -> Vec<CheckSummary> {
    checks.iter().map(|check| look(check, figures)).collect()
}

fn look(check: &Check, figures: &Figures) -> CheckSummary {
    let expression = &check.expression;
    let (comparison, threshold) = (expression.comparison, expression.threshold);
    let (measured, reason) = match figures.get(&expression.figure) {
        Ok(Some(measured)) => (Some(measured), None),
        Ok(None) => (None, Some(NOTHING_MEASURED.to_owned())),
        Err(error) => (None, Some(error.to_string())),
    };
    CheckSummary {
        name: check.name.clone(),
        check: check.text.clone(),
        figure: expression.figure.to_string(),
        comparison: comparison.written().to_owned(),
        threshold,
        measured,
        margin: measured.map(|measured| comparison.margin(measured, threshold)),
        passed: measured.is_some_and(|measured| comparison.holds(measured, threshold)),
        reason,
    }
}

/// The figures that a run of the scenario has, those of its first millisecond with what may come to
/// pass later: enough to know which paths there are. `None` when the scenario cannot be run.
pub fn first_figures(scenario: &Scenario) -> Option<Figures> {
    let mut first = scenario.clone();
    first.duration = Millis(1);
    first.checks.clear();
    let mut summary = play(&first).ok()?.summary;
    add_what_may_come(&mut summary, scenario);
    Some(Figures::of(&summary))
}

/// The parts of a summary that a run has only once something has come to pass.
fn add_what_may_come(summary: &mut Summary, scenario: &Scenario) {
    let services = scenario.services.iter().map(|service| &service.name);
    let fall = |name: &String| (name.clone(), ServiceFallSummary::default());
    let services: BTreeMap<_, _> = services.map(fall).collect();
    let names = scenario.incidents.iter().map(|incident| &incident.name);
    summary.incidents = names
        .map(|name| IncidentSummary {
            name: name.clone(),
            services: services.clone(),
            ..IncidentSummary::default()
        })
        .collect();
    let of_tasks = scenario.tasks.iter().map(|entry| &entry.capacity);
    let of_services = scenario.services.iter().map(|service| &service.capacity);
    let mut capacities = of_tasks.chain(of_services);
    if capacities.any(|capacity| scenario.runs_on_fargate(capacity)) {
        let both = FargateCapacity::ALL.into_iter();
        let both = both.map(|of| (of.name().to_owned(), FargateCapacitySummary::default()));
        summary.fargate = Some(FargateSummary {
            by_capacity_provider: both.collect(),
            ..FargateSummary::default()
        });
    }
    summary.cost.other_usd.get_or_insert_default();
    let saved = &mut summary.cost.savings_against_on_demand_usd;
    saved.get_or_insert_default();
}

/// The checks whose figures no run of the scenario can have, nor one of those `beside` it, with the
/// reason; by their place in the scenario.
pub fn impossible(scenario: &Scenario, beside: &[Figures]) -> Vec<(usize, FigureError)> {
    if scenario.checks.is_empty() {
        return Vec::new();
    }
    let Some(own) = first_figures(scenario) else {
        return Vec::new();
    };
    impossible_in(&scenario.checks, &[&[own], beside].concat())
}

/// The checks whose figures no run of several scenarios can have; `first` are [`first_figures`] of
/// these.
pub fn impossible_in(checks: &[Check], first: &[Figures]) -> Vec<(usize, FigureError)> {
    let checks = checks.iter().enumerate();
    checks
        .filter_map(|(place, check)| {
            let figure = &check.expression.figure;
            Some((place, never_later(figure, first)?))
        })
        .collect()
}

/// Why no run of several scenarios can have a figure; `first` are [`first_figures`] of these.
pub fn never_later(figure: &FigurePath, first: &[Figures]) -> Option<FigureError> {
    let mut problems = first.iter().map(|first| first.never_later(figure));
    let problem = problems.next()??;
    problems.all(|other| other.is_some()).then_some(problem)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{evaluate, impossible};
    use crate::cost::CheckSummary;
    use crate::experiment::run_once;
    use crate::scenario::{LoadOptions, Scenario, load_text};

    fn scenario(checks: &str) -> Scenario {
        let text = format!(
            "
duration: 1h
containerInstances: [{{instanceType: m5.large, count: 2}}]
taskDefinitions: [{{family: web, containerDefinitions: [{{name: c, image: i, cpu: 64, memory: 64}}]}}]
tasks: [{{name: job, taskDefinition: web, arrivals: {{at: 1m, count: 5}}}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]
incidents: [{{name: loss, at: 10m, containerInstancesDraining: [i-00000000000000000]}}]
checks: {checks}
"
        );
        let loaded = load_text(&text, "s.yaml", Path::new(""), &LoadOptions::default());
        loaded
            .map_err(|error| error.render(false))
            .unwrap()
            .scenario
    }

    fn looked(checks: &str) -> Vec<CheckSummary> {
        let scenario = scenario(checks);
        evaluate(&scenario.checks, &run_once(&scenario).unwrap())
    }

    #[test]
    fn checks_compare_exactly() {
        let found = looked("[cost.totalUsd <= 0.192, cost.totalUsd < 0.192, tasks.placed > 5]");
        let told: Vec<_> = found
            .iter()
            .map(|check| {
                let figures = [check.measured, check.margin].map(|f| f.unwrap().to_string());
                (check.passed, figures.join(" "))
            })
            .collect();
        let cost = run_once(&scenario("[]")).unwrap().cost.total_usd;
        assert_eq!(cost.to_string(), "0.192000000");
        assert_eq!(told[0], (true, "0.192 0".to_owned()));
        assert_eq!(told[1], (false, "0.192 0".to_owned()));
        assert!(told[2].0, "{told:?}");
    }

    #[test]
    fn what_was_not_measured_fails_with_a_reason() {
        let found = looked("[utilization.cpu.usedMean > 0, {check: cost.totl < 1, name: budget}]");
        assert!(
            found
                .iter()
                .all(|check| !check.passed && check.margin.is_none())
        );
        assert_eq!(
            found[0].reason.as_deref(),
            Some("there was nothing to measure: the summary has null there")
        );
        let second = found[1].reason.as_deref().unwrap();
        assert!(
            second.starts_with("the summary has no figure `cost.totl`"),
            "{second}"
        );
        assert_eq!(
            (found[0].title(), found[1].title()),
            ("utilization.cpu.usedMean > 0", "budget")
        );
    }

    #[test]
    fn spot_pools_go_by_their_type_and_zone() {
        let text = "
duration: 1h
autoScalingGroups:
  - autoScalingGroupName: asg
    minSize: 1
    maxSize: 2
    availabilityZones: [us-east-1a, us-east-1b]
    mixedInstancesPolicy:
      launchTemplate: {overrides: [{instanceType: m5.large}, {instanceType: m5.xlarge}]}
      instancesDistribution: {onDemandPercentageAboveBaseCapacity: 0}
tasks: [{name: job, cpu: 1, memory: 6, arrivals: {at: 1m}}]
checks:
  - spot.pools.m5.large/us-east-1a.interruptions == 0
  - spot.pools.m5.large/us-east-1c.interruptions == 0
  - spot.pools.0.interruptions == 0
";
        let loaded = load_text(text, "s.yaml", Path::new(""), &LoadOptions::default());
        let loaded = loaded.map_err(|error| error.render(false)).unwrap();
        let scenario = loaded.scenario;
        let never = impossible(&scenario, &[]);
        let said: Vec<(usize, String)> = never
            .into_iter()
            .map(|(place, error)| (place, error.to_string()))
            .collect();
        let near = "the summary has no figure `spot.pools.m5.large/us-east-1c.interruptions`; \
                    did you mean `spot.pools.m5.large/us-east-1a.interruptions`?";
        assert_eq!(said[0], (1, near.to_owned()));
        assert_eq!((said.len(), said[1].0), (2, 2));
        // A pool that nothing is launched in has its figures too.
        let looked = evaluate(&scenario.checks, &run_once(&scenario).unwrap());
        assert!(looked[0].passed, "{looked:?}");
    }

    #[test]
    fn figures_that_no_run_can_have_are_known_before_it() {
        let never = |checks: &str| {
            let places = impossible(&scenario(checks), &[]);
            places
                .into_iter()
                .map(|(place, error)| (place, error.to_string()))
                .collect::<Vec<_>>()
        };
        let may_be = "[placement.waitMs.p99 < 1m, services.web.load.errorRate < 1%, \
                       incidents.loss.beganMs > 0, tasks.byEntry.job.failed == 0, \
                       'placement.failures.RESOURCE:CPU == 0', cost.byService.web < 1, \
                       incidents.loss.services.web.running.lowest > 0, cost.otherUsd < 1, \
                       utilization.byAvailabilityZone.us-east-1b.cpu.reservedMean > 0, \
                       services.web.deployments.3.durationMs < 5m]";
        assert_eq!(never(may_be), []);
        let wrong = "[services.wbe.availability > 0, cost.totalUsd > 0, placment.attempts > 0, \
                      placement.waitMs < 5, incidents.los.beganMs > 0, incidents.loss.began > 0, \
                      fargate.tasks > 0, spot.interruptions == 0]";
        let said: Vec<(usize, String)> = [
            (0, "the summary has no figure `services.wbe.availability`; did you mean `services.web.availability`?"),
            (2, "the summary has no figure `placment.attempts`; did you mean `placement.attempts`?"),
            (3, "`placement.waitMs` is a group of figures, not a number; did you mean `placement.waitMs.mean`?"),
            (4, "the summary has no figure `incidents.los.beganMs`; did you mean `incidents.loss.beganMs`?"),
            (5, "the summary has no figure `incidents.loss.began`; did you mean `incidents.loss.beganMs`?"),
            (6, "the summary has no figure `fargate.tasks`"),
            (7, "the summary has no figure `spot.interruptions`"),
        ]
        .map(|(place, said)| (place, said.to_owned()))
        .to_vec();
        assert_eq!(never(wrong), said);
    }
}
