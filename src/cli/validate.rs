//! `ecs-sim validate`.

use std::path::Path;

use serde::Serialize;

use crate::experiment::checks::first_figures;
use crate::experiment::figures::Figures;
use crate::placement::strategies::Strategies;
use crate::scenario::{self, Diagnostics, LoadOptions, Scenario, Severity};
use crate::simulation::Simulation;
use crate::workload::{Source, scan_trace};

use super::args::{FindingFormat, ValidateArgs};
use super::{Failure, load, load_options, print, refuse_checks};

/// Loads, reads every trace through, says what it found.
pub(super) fn validate(args: &ValidateArgs) -> Result<(), Failure> {
    if args.format == FindingFormat::Json {
        return validate_as_json(args);
    }
    let options = load_options(&args.scenario)?;
    let path = &args.scenario.scenario;
    let scenario = load(path, &options, args.quiet)?.scenario;
    let rows = check_beyond_loading(&scenario).map_err(Failure::input)?;
    let first = first_of(&scenario);
    for variant in variants(&scenario, &options) {
        let name = variant.variant.as_deref().unwrap_or_default();
        let loaded = scenario::load(path, &variant);
        let loaded = loaded.and_then(|loaded| refuse_checks(loaded, &first));
        let loaded = loaded.map_err(|error| {
            Failure::Input(format!("in the variant `{name}`:\n{}", error.render(true)))
        })?;
        check_beyond_loading(&loaded.scenario)
            .map_err(|error| Failure::input(format_args!("in the variant `{name}`: {error}")))?;
    }
    if args.quiet {
        return Ok(());
    }
    print(&found(&scenario, rows))
}

fn validate_as_json(args: &ValidateArgs) -> Result<(), Failure> {
    let options = load_options(&args.scenario)?;
    let loaded = scenario::load(&args.scenario.scenario, &options);
    let loaded = loaded.and_then(|loaded| refuse_checks(loaded, &[]));
    let mut findings = match loaded {
        Err(error) => findings(error.diagnostics()),
        Ok(loaded) => {
            let mut findings = findings(&loaded.warnings);
            if let Err(message) = check_beyond_loading(&loaded.scenario) {
                findings.push(JsonFinding::without_place(message));
            }
            let first = first_of(&loaded.scenario);
            for variant in variants(&loaded.scenario, &options) {
                let path = &args.scenario.scenario;
                findings.extend(findings_of_variant(path, &variant, &first));
            }
            findings
        }
    };
    if args.quiet {
        findings.retain(|finding| finding.severity == ERROR);
    }
    let mut text = serde_json::to_string_pretty(&findings).map_err(Failure::fault)?;
    text.push('\n');
    print(&text)?;
    if findings.iter().any(|finding| finding.severity == ERROR) {
        return Err(Failure::Reported);
    }
    Ok(())
}

/// The figures that the scenario has as it is written: a variant may leave some of them out.
fn first_of(scenario: &Scenario) -> Vec<Figures> {
    let has_variants = !scenario.variants.is_empty();
    let first = has_variants.then(|| first_figures(scenario));
    first.flatten().into_iter().collect()
}

/// What to load a scenario's variants with.
fn variants(scenario: &Scenario, options: &LoadOptions) -> Vec<LoadOptions> {
    let names = scenario.variants.iter();
    names
        .map(|name| LoadOptions {
            variant: Some(name.clone()),
            ..options.clone()
        })
        .collect()
}

/// The errors of a variant; its warnings are those of the scenario, as a rule.
fn findings_of_variant(path: &Path, options: &LoadOptions, first: &[Figures]) -> Vec<JsonFinding> {
    let loaded = scenario::load(path, options);
    let mut found = match loaded.and_then(|loaded| refuse_checks(loaded, first)) {
        Err(error) => findings(error.diagnostics()),
        Ok(loaded) => check_beyond_loading(&loaded.scenario)
            .err()
            .map(JsonFinding::without_place)
            .into_iter()
            .collect(),
    };
    found.retain(|finding| finding.severity == ERROR);
    for finding in &mut found {
        let name = options.variant.as_deref().unwrap_or_default();
        finding.message = format!("in the variant `{name}`: {}", finding.message);
    }
    found
}

/// Reads every trace through and sets the simulation up; returns how many rows there are.
fn check_beyond_loading(scenario: &Scenario) -> Result<u64, String> {
    let mut rows = 0;
    for entry in &scenario.tasks {
        if let Source::Trace(trace) = &entry.source {
            let scan = scan_trace(trace, entry.has_default_needs());
            rows += scan.map_err(|error| error.to_string())?.rows;
        }
    }
    let strategies = Strategies::default();
    Simulation::new(scenario, &strategies).map_err(|error| error.to_string())?;
    Ok(rows)
}

const ERROR: &str = "error";

/// A finding as scripts read it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct JsonFinding {
    /// `error` or `warning`.
    severity: &'static str,
    /// The scenario, a task definition's file, or a `--set` argument; `null` with line and column
    /// when the finding is about no place in a text.
    file: Option<String>,
    /// From 1.
    line: Option<usize>,
    /// From 1, in characters.
    column: Option<usize>,
    /// What is wrong and, behind a colon, what is expected.
    message: String,
    /// How to mend it; several pieces of advice stand on lines of their own.
    help: Option<String>,
}

impl JsonFinding {
    fn without_place(message: String) -> Self {
        Self {
            severity: ERROR,
            file: None,
            line: None,
            column: None,
            message,
            help: None,
        }
    }
}

fn findings(diagnostics: &Diagnostics) -> Vec<JsonFinding> {
    let finding = |finding| {
        let place = diagnostics.position(finding);
        let (title, expected) = (finding.title(), finding.expected());
        let message = match expected {
            "" => title.to_owned(),
            _ => format!("{title}: {expected}"),
        };
        JsonFinding {
            severity: match finding.severity() {
                Severity::Error => ERROR,
                Severity::Warning => "warning",
            },
            file: place.map(|(file, ..)| file.to_owned()),
            line: place.map(|(_, line, _)| line),
            column: place.map(|(.., column)| column),
            message,
            help: Some(finding.advice().join("\n")).filter(|help| !help.is_empty()),
        }
    };
    diagnostics.in_order().into_iter().map(finding).collect()
}

fn found(scenario: &Scenario, rows: u64) -> String {
    let count = |number: u64, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    let len = |length: usize| u64::from(crate::units::id(length));
    let instances: u32 = scenario
        .container_instances
        .iter()
        .map(|fleet| fleet.count)
        .sum();
    let mut parts = vec![
        count(
            u64::from(instances),
            "container instance",
            "container instances",
        ),
        count(
            len(scenario.task_definitions.len()),
            "task definition",
            "task definitions",
        ),
        count(len(scenario.tasks.len()), "tasks entry", "tasks entries"),
    ];
    for (number, one, many) in [
        (
            scenario.auto_scaling_groups.len(),
            "Auto Scaling group",
            "Auto Scaling groups",
        ),
        (
            scenario.capacity_providers.len(),
            "capacity provider",
            "capacity providers",
        ),
        (scenario.services.len(), "service", "services"),
        (scenario.deployments.len(), "deployment", "deployments"),
        (scenario.incidents.len(), "incident", "incidents"),
        (scenario.checks.len(), "check", "checks"),
        (scenario.variants.len(), "variant", "variants"),
    ] {
        if number > 0 {
            parts.push(count(len(number), one, many));
        }
    }
    if rows > 0 {
        parts.push(count(rows, "trace row", "trace rows"));
    }
    format!("{} is valid: {}.\n", scenario.name, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{JsonFinding, findings};
    use crate::scenario::{LoadOptions, load_text};

    #[test]
    fn findings_become_objects_with_place_message_and_help() {
        let text = "sed: 7\nduration: 1h\ncontainerInstances:\n  \
                  - {instanceType: m5.large, count: 5001}\n";
        let options = LoadOptions {
            sets: vec!["duration=ü".to_owned()],
            ..LoadOptions::default()
        };
        let error = load_text(text, "s.yaml", Path::new(""), &options).unwrap_err();
        let listed = findings(error.diagnostics());
        let place = |finding: &JsonFinding| {
            let file = finding.file.clone().unwrap_or_default();
            (file, finding.line, finding.column)
        };
        let set = "--set 'duration=ü'".to_owned();
        let places: Vec<_> = listed.iter().map(place).collect();
        let file = || "s.yaml".to_owned();
        assert_eq!(
            places,
            [
                (file(), Some(1), Some(1)),
                (set, Some(1), Some(10)),
                (file(), Some(3), Some(1)),
            ]
        );
        let json = serde_json::to_value(&listed[0]).unwrap();
        let expected = serde_json::json!({
            "severity": "error", "file": "s.yaml", "line": 1, "column": 1,
            "message": "unknown key `sed`", "help": "did you mean `seed`?",
        });
        assert_eq!(json, expected);
        assert_eq!(listed[2].severity, "warning");
        let message = "`ü` is not a duration: expected a duration such as \
                       `500ms`, `90s`, `5m`, `1h30m`, `2d`";
        assert_eq!(listed[1].message, message);
        assert_eq!(listed[1].help, None);
    }

    #[test]
    fn a_finding_about_no_place_has_null_for_it() {
        let finding = JsonFinding::without_place("the trace ends early".to_owned());
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(
            json,
            r#"{"severity":"error","file":null,"line":null,"column":null,"message":"the trace ends early","help":null}"#
        );
    }
}
