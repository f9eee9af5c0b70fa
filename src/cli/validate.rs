//! `ecs-sim validate`.

use crate::placement::strategies::Strategies;
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::workload::{Source, scan_trace};

use super::args::ValidateArgs;
use super::{Failure, load, print};

/// Loads, reads every trace through, says what it found.
pub(super) fn validate(args: &ValidateArgs) -> Result<(), Failure> {
    let scenario = load(&args.scenario, args.quiet)?.scenario;
    let mut rows = 0;
    for entry in &scenario.tasks {
        if let Source::Trace(trace) = &entry.source {
            rows += scan_trace(trace, entry.has_default_needs())
                .map_err(Failure::input)?
                .rows;
        }
    }
    let strategies = Strategies::default();
    Simulation::new(&scenario, &strategies).map_err(Failure::input)?;
    if args.quiet {
        return Ok(());
    }
    print(&found(&scenario, rows))
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
    if rows > 0 {
        parts.push(count(rows, "trace row", "trace rows"));
    }
    format!("{} is valid: {}.\n", scenario.name, parts.join(", "))
}
