//! `ecs-sim run`.

use std::io::{IsTerminal, Write};

use crate::experiment::checks;
use crate::placement::strategies::Strategies;
use crate::record::{RecordOptions, Recorder};
use crate::report::text::Style;
use crate::report::{OutputDir, OutputFile};
use crate::scenario::{LoadOptions, Scenario, TasksEntry};
use crate::simulation::{SetupError, Simulation};
use crate::units::SimTime;
use crate::workload::{Arrivals, Source};
use crate::{cost, report};

use super::args::{RunArgs, SummaryFormat};
use super::progress::Progress;
use super::{Failure, load, load_options, print};

/// Loads, runs, bills, writes, prints.
pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let options = LoadOptions {
        variant: args.variant.clone(),
        ..load_options(&args.scenario)?
    };
    let scenario = load(&args.scenario.scenario, &options, args.quiet)?.scenario;
    let junit = match &args.junit {
        Some(path) => Some(OutputFile::prepare(path, args.force).map_err(Failure::input)?),
        None => None,
    };
    if junit.is_some() && scenario.checks.is_empty() && !args.quiet {
        let _ = writeln!(
            anstream::stderr(),
            "warning: the scenario has no `checks`; the JUnit file will have no test case"
        );
    }
    let made = args.out.as_deref().filter(|path| !path.exists());
    let output = match &args.out {
        Some(path) => Some(OutputDir::prepare(path, args.force).map_err(Failure::input)?),
        None => None,
    };
    let outputs = Outputs { output, junit };
    run_into(args, &scenario, &outputs).inspect_err(|_| {
        // Nothing was written: no empty directory is left behind. One that holds files stays.
        if let Some(path) = made {
            let _ = std::fs::remove_dir(path);
        }
    })
}

/// Where results are written to.
struct Outputs {
    output: Option<OutputDir>,
    junit: Option<OutputFile>,
}

fn run_into(args: &RunArgs, scenario: &Scenario, outputs: &Outputs) -> Result<(), Failure> {
    let strategies = Strategies::default();
    let mut recorder = Recorder::new(
        scenario,
        RecordOptions {
            tasks: outputs.output.is_some(),
        },
    );
    let mut simulation = Simulation::new(scenario, &strategies).map_err(setup_failure)?;
    let watched = !args.quiet && !args.no_progress && std::io::stderr().is_terminal();
    let outcome = if watched {
        let mut progress = Progress::new(scenario.duration);
        simulation.run(&mut (&mut recorder, &mut progress))
    } else {
        simulation.run(&mut recorder)
    }
    .map_err(setup_failure)?;
    let run = recorder.finish(&outcome, simulation.cluster());
    let bill = cost::bill(&run);
    let mut summary = cost::Summary::new(&run, &bill);
    summary.checks = checks::evaluate(&scenario.checks, &summary);
    // Of the others the loader has warned.
    let beyond_end = outcome.beyond_end.saturating_sub(warned_of(scenario));
    if beyond_end > 0 && !args.quiet {
        let _ = writeln!(
            anstream::stderr(),
            "warning: {} submissions fall on or after the end of the run and were not made; \
             `duration` is {}",
            beyond_end,
            scenario.duration
        );
    }
    // Whoever reads our output may have gone away: the files are written all the same.
    let printed = match args.format {
        // Where colours are not wanted, `print` takes them out again.
        SummaryFormat::Text => print(&report::text::summary(&summary, dressed())),
        SummaryFormat::Json => print(&report::json::summary(&summary)),
    };
    if let (Some(output), Some(path)) = (&outputs.output, &args.out) {
        let files = report::write_all(output, &run, &bill, &summary).map_err(Failure::fault)?;
        if !args.quiet {
            let (count, path) = (files.len(), path.display());
            let _ = writeln!(anstream::stderr(), "{count} files written to {path}");
        }
    }
    if let Some(junit) = &outputs.junit {
        let text = report::junit::checks(&summary);
        junit
            .write(|to| to.write_all(text.as_bytes()))
            .map_err(Failure::fault)?;
    }
    let holds = summary.checks.iter().all(|check| check.passed);
    match printed {
        Ok(()) | Err(Failure::BrokenPipe) if !holds => Err(Failure::CheckFails),
        printed => printed,
    }
}

/// How many tasks lie beyond the end of the run by what the scenario itself says: their entries
/// never begin, and the loader warns of each.
fn warned_of(scenario: &Scenario) -> u64 {
    let end = SimTime::ZERO + scenario.duration;
    let of_entry = |entry: &TasksEntry| {
        let Source::Generated {
            arrivals, count, ..
        } = &entry.source
        else {
            return 0;
        };
        let calls = match arrivals {
            Arrivals::At { at, count } if *at >= end => *count,
            Arrivals::Every {
                interval,
                from,
                until: Some(until),
            } if *from >= end => until.since(*from).0.div_ceil(interval.0),
            Arrivals::Schedule(schedule) if schedule.is_single() => {
                let first = schedule.next_after(scenario.start, None);
                u64::from(first.is_some_and(|first| first >= end))
            }
            _ => 0,
        };
        calls.saturating_mul(u64::from(*count))
    };
    scenario
        .tasks
        .iter()
        .map(of_entry)
        .fold(0, u64::saturating_add)
}

fn dressed() -> Style {
    Style {
        color: true,
        ..Style::default()
    }
}

fn setup_failure(error: SetupError) -> Failure {
    Failure::input(error)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::warned_of;
    use crate::placement::strategies::Strategies;
    use crate::record::{RecordOptions, Recorder};
    use crate::scenario::{LoadOptions, load_text};
    use crate::simulation::Simulation;

    /// What the loader warned of, and all that the run found beyond its end.
    fn beyond_end(arrivals: &str) -> (usize, u64, u64) {
        let text = format!(
            "start: 2026-01-05T00:00:00Z\nduration: 1h\n\
             containerInstances: [{{instanceType: m5.large}}]\n\
             tasks: [{{cpu: 1, memory: 1, count: 2, arrivals: {{{arrivals}}}}}]\n"
        );
        let options = LoadOptions::default();
        let loaded = load_text(&text, "s.yaml", Path::new(""), &options).unwrap();
        let scenario = loaded.scenario;
        let strategies = Strategies::default();
        let mut recorder = Recorder::new(&scenario, RecordOptions { tasks: false });
        let mut simulation = Simulation::new(&scenario, &strategies).unwrap();
        let outcome = simulation.run(&mut recorder).unwrap();
        let warned = warned_of(&scenario);
        (loaded.warnings.len(), warned, outcome.beyond_end)
    }

    #[test]
    fn what_the_loader_warned_of_is_not_warned_of_again() {
        for (arrivals, expected) in [
            ("at: 2h, count: 5", (1, 10, 10)),
            ("every: 1m, from: 2h, until: 3h", (1, 120, 120)),
            ("every: 1m, from: 2h", (1, 0, 0)),
            ("schedule: 'at(2026-01-05T01:00:00)'", (1, 2, 2)),
            ("schedule: 'cron(0 2 * * ? *)'", (1, 0, 0)),
            // An entry that begins before the end and goes on: only the run says so.
            ("every: 1m, from: 30m, until: 2h", (0, 0, 120)),
            ("at: 59m", (0, 0, 0)),
        ] {
            assert_eq!(beyond_end(arrivals), expected, "{arrivals}");
        }
    }
}
