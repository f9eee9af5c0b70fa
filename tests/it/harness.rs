//! A scenario from its text to a finished run, as the command line does it.

use std::path::Path;

use ecs_sim::cost::{Bill, Summary, bill};
use ecs_sim::placement::strategies::Strategies;
use ecs_sim::record::{RecordOptions, Recorder, Run, TaskRow};
use ecs_sim::report;
use ecs_sim::scenario::{LoadOptions, Scenario, load_text};
use ecs_sim::simulation::{Observer, RunOutcome, Simulation};

/// A finished run and what is made of it.
pub(crate) struct Ran {
    pub(crate) run: Run,
    pub(crate) bill: Bill,
    pub(crate) summary: Summary,
    pub(crate) outcome: RunOutcome,
}

/// The checked scenario of a text; `base` is where its files lie.
pub(crate) fn scenario_in(base: &Path, text: &str, options: &LoadOptions) -> Scenario {
    match load_text(text, "inline.yaml", base, options) {
        Ok(loaded) => loaded.scenario,
        Err(error) => panic!("{}\n{text}", error.render(false)),
    }
}

/// The checked scenario of a text that names no files.
pub(crate) fn scenario(text: &str) -> Scenario {
    scenario_in(Path::new(""), text, &LoadOptions::default())
}

/// What the user sees of a text that is refused.
pub(crate) fn refusal(text: &str) -> String {
    match load_text(text, "inline.yaml", Path::new(""), &LoadOptions::default()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(error) => error.render(false),
    }
}

/// Runs a scenario, somebody else watching too.
pub(crate) fn run_watched(
    scenario: &Scenario,
    options: RecordOptions,
    other: &mut impl Observer,
) -> Ran {
    let strategies = Strategies::default();
    let mut recorder = Recorder::new(scenario, options);
    let mut simulation = Simulation::new(scenario, &strategies).expect("the scenario is checked");
    let watchers = &mut (&mut recorder, other);
    let outcome = simulation.run(watchers).expect("the run has no fault");
    let run = recorder.finish(&outcome, simulation.cluster());
    let bill = bill(&run);
    let summary = Summary::new(&run, &bill);
    Ran {
        run,
        bill,
        summary,
        outcome,
    }
}

/// Runs a text, keeping a row for every task.
pub(crate) fn run(text: &str) -> Ran {
    run_watched(&scenario(text), RecordOptions { tasks: true }, &mut ())
}

/// A scenario of an hour with the given top-level keys, and no latencies.
pub(crate) fn instant(body: &str) -> Ran {
    run(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{body}"
    ))
}

impl Ran {
    /// The rows of all tasks.
    pub(crate) fn tasks(&self) -> &[TaskRow] {
        self.run
            .task_rows
            .as_deref()
            .expect("the run kept its tasks")
    }

    /// Where each task was placed: the number of its instance.
    pub(crate) fn places(&self) -> Vec<Option<u32>> {
        self.tasks()
            .iter()
            .map(|task| task.instance.map(|id| id.0))
            .collect()
    }

    /// Tasks placed on each instance.
    pub(crate) fn per_instance(&self) -> Vec<u64> {
        self.run
            .instances
            .iter()
            .map(|instance| instance.tasks_run)
            .collect()
    }

    /// The instances that were given any task.
    pub(crate) fn chosen(&self) -> Vec<usize> {
        let counts = self.per_instance();
        (0..counts.len()).filter(|&at| counts[at] > 0).collect()
    }

    /// The column of `tasks.csv`.
    pub(crate) fn task_column(&self, name: &str) -> Vec<String> {
        let mut text = Vec::new();
        report::csv::tasks(&self.run, &mut text).expect("memory takes all");
        column(&text, name)
    }

    /// The column of `instances.csv`.
    pub(crate) fn instance_column(&self, name: &str) -> Vec<String> {
        let mut text = Vec::new();
        report::csv::instances(&self.run, &self.bill, &mut text).expect("memory takes all");
        column(&text, name)
    }

    /// The column of `timeseries.csv`.
    pub(crate) fn series(&self, name: &str) -> Vec<String> {
        let mut text = Vec::new();
        report::csv::timeseries(&self.run, &mut text).expect("memory takes all");
        column(&text, name)
    }

    /// `summary.json`.
    pub(crate) fn json(&self) -> String {
        report::json::summary(&self.summary)
    }

    /// `tasks.csv`, `instances.csv`, `timeseries.csv` and `summary.json` one after the other.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut all = self.json().into_bytes();
        report::csv::tasks(&self.run, &mut all).expect("memory takes all");
        report::csv::instances(&self.run, &self.bill, &mut all).expect("memory takes all");
        report::csv::timeseries(&self.run, &mut all).expect("memory takes all");
        all
    }
}

/// A column of a CSV file.
pub(crate) fn column(text: &[u8], name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().expect("a header").clone();
    let at = header
        .iter()
        .position(|known| known == name)
        .expect("a known column");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row[at].to_owned()).collect()
}
