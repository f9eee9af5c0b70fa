//! `checks`: whether they hold of a run's summary.

use crate::cost::{CheckSummary, Summary};
use crate::scenario::{Check, Scenario};
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
    let figures = Figures::of(summary);
    checks.iter().map(|check| look(check, &figures)).collect()
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

/// The figures that a run of the scenario has, those of its first millisecond: enough to know
/// which paths there are. `None` when the scenario cannot be run.
pub fn first_figures(scenario: &Scenario) -> Option<Figures> {
    let mut first = scenario.clone();
    first.duration = Millis(1);
    first.checks.clear();
    let finished = play(&first).ok()?;
    Some(Figures::of(&finished.summary))
}

/// The checks whose figures no run of the scenario can have, with the reason; by their place in
/// the scenario.
pub fn impossible(scenario: &Scenario) -> Vec<(usize, FigureError)> {
    if scenario.checks.is_empty() {
        return Vec::new();
    }
    let Some(first) = first_figures(scenario) else {
        return Vec::new();
    };
    let checks = scenario.checks.iter().enumerate();
    checks
        .filter_map(|(place, check)| {
            let error = first.never_later(&check.expression.figure)?;
            Some((place, error))
        })
        .collect()
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
    fn figures_that_no_run_can_have_are_known_before_it() {
        let never = |checks: &str| {
            let places = impossible(&scenario(checks));
            places
                .into_iter()
                .map(|(place, error)| (place, error.to_string()))
                .collect::<Vec<_>>()
        };
        let may_be = "[placement.waitMs.p99 < 1m, services.web.load.errorRate < 1%, \
                       incidents.loss.beganMs > 0, tasks.byEntry.job.failed == 0, \
                       'placement.failures.RESOURCE:CPU == 0', cost.byService.web < 1, \
                       services.web.deployments.3.durationMs < 5m]";
        assert_eq!(never(may_be), []);
        let wrong = "[services.wbe.availability > 0, cost.totalUsd > 0, placment.attempts > 0, \
                      placement.waitMs < 5]";
        let said: Vec<(usize, String)> = [
            (0, "the summary has no figure `services.wbe.availability`; did you mean `services.web.availability`?"),
            (2, "the summary has no figure `placment.attempts`; did you mean `placement.attempts`?"),
            (3, "`placement.waitMs` is a group of figures, not a number; did you mean `placement.waitMs.mean`?"),
        ]
        .map(|(place, said)| (place, said.to_owned()))
        .to_vec();
        assert_eq!(never(wrong), said);
    }
}
