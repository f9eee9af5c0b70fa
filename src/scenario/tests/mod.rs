//! Whole scenarios through the loader.

mod capacity;

mod entry_messages;
mod follow_on;
mod group_messages;
mod hostile;
mod hurried;
mod launch_type_messages;
mod managed_instances_messages;
mod messages;
mod plan;
mod pricing;
mod provider_messages;
mod right;
mod service_messages;
mod services;
mod spot;
mod spot_messages;
mod surroundings;
mod sweeps;
mod traffic;
mod traffic_messages;

use std::path::Path;

use crate::scenario::{LoadError, LoadOptions, Loaded, Severity, load_text};

/// Two groups, each with a capacity provider.
const GROUPS: &str = "autoScalingGroups:
  - {autoScalingGroupName: a, maxSize: 10, instanceType: m5.large}
  - {autoScalingGroupName: b, maxSize: 10, instanceType: m5.large, purchaseOption: spot}
capacityProviders:
  - {name: one, autoScalingGroupProvider: {autoScalingGroupName: a}}
  - {name: two, autoScalingGroupProvider: {autoScalingGroupName: b}}
";

/// Loads a text called `s.yaml` that lies in the package's directory.
fn loaded(text: &str, sets: &[&str]) -> Result<Loaded, LoadError> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sets = sets.iter().map(|&set| set.to_owned()).collect();
    load_text(
        text,
        "s.yaml",
        directory,
        &LoadOptions {
            sets,
            ..LoadOptions::default()
        },
    )
}

/// What the user sees of a wrong scenario, without blanks at the ends of lines.
fn messages(text: &str) -> String {
    match loaded(text, &[]) {
        Ok(_) => "no error".to_owned(),
        Err(error) => without_trailing_blanks(&error.render(false)),
    }
}

/// Title, label and help of each error, a line each.
fn errors(text: &str) -> Vec<String> {
    let Err(error) = loaded(text, &[]) else {
        return Vec::new();
    };
    let found = error.diagnostics().in_order();
    let found = found
        .iter()
        .filter(|finding| finding.severity() == Severity::Error);
    found
        .map(|finding| {
            let mut parts = vec![finding.title(), finding.expected()];
            parts.extend(finding.advice().iter().map(String::as_str));
            parts.retain(|part| !part.is_empty());
            parts.join(" | ")
        })
        .collect()
}

/// Titles of the warnings of a scenario that can run.
fn warnings(text: &str) -> Vec<String> {
    let loaded = loaded(text, &[]).unwrap_or_else(|error| panic!("{error}"));
    let titles = loaded.warnings.in_order();
    titles
        .iter()
        .map(|finding| finding.title().to_owned())
        .collect()
}

fn without_trailing_blanks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
