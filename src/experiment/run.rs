//! One run of many.

use crate::cost::{self, Bill, Summary};
use crate::placement::strategies::Strategies;
use crate::record::{RecordOptions, Recorder, Run};
use crate::scenario::Scenario;
use crate::simulation::{SetupError, Simulation};

use super::checks;

/// A run with all that is made from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// What happened, without a row for every task.
    pub run: Run,
    /// What it cost.
    pub bill: Bill,
    /// Both in short.
    pub summary: Summary,
}

/// Plays a scenario through, and looks at its checks.
///
/// # Errors
/// When a trace cannot be read or asks for what cannot be.
pub fn play(scenario: &Scenario) -> Result<Finished, SetupError> {
    let strategies = Strategies::default();
    let mut recorder = Recorder::new(scenario, RecordOptions { tasks: false });
    let mut simulation = Simulation::new(scenario, &strategies)?;
    let outcome = simulation.run(&mut recorder)?;
    let run = recorder.finish(&outcome, simulation.cluster());
    let bill = cost::bill(&run);
    let mut summary = Summary::new(&run, &bill);
    summary.checks = checks::evaluate(&scenario.checks, &summary);
    Ok(Finished { run, bill, summary })
}

/// Plays a scenario through and keeps the summary alone.
///
/// # Errors
/// When a trace cannot be read or asks for what cannot be.
pub fn run_once(scenario: &Scenario) -> Result<Summary, SetupError> {
    play(scenario).map(|finished| finished.summary)
}

/// The scenario under another seed.
pub fn with_seed(scenario: &Scenario, seed: u64) -> Scenario {
    Scenario {
        seed,
        ..scenario.clone()
    }
}
