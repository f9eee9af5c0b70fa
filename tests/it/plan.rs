//! Plans of whole scenarios: the search against trying everything, its bounds, what it depends on.

mod bounds;
mod everything;
mod shipped;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ecs_sim::experiment::plan::{PlanError, Planned, Planning};
use ecs_sim::scenario::{LoadOptions, Loaded, ScenarioFile};

/// A scenario's text as a file.
fn file(text: &str) -> ScenarioFile {
    ScenarioFile {
        name: "inline.yaml".to_owned(),
        text: text.to_owned(),
        base_dir: PathBuf::new(),
    }
}

fn loaded(file: &ScenarioFile, options: &LoadOptions) -> Loaded {
    file.load(options)
        .unwrap_or_else(|error| panic!("{}\n{}", error.render(false), file.text))
}

fn try_plan(file: &ScenarioFile, options: &LoadOptions, jobs: usize) -> Result<Planned, PlanError> {
    let scenario = loaded(file, options).scenario;
    let planning = Planning {
        file,
        options,
        scenario: &scenario,
        jobs: NonZeroUsize::new(jobs).expect("at least one"),
    };
    planning.make(&mut |_| {})
}

fn plan(file: &ScenarioFile) -> Planned {
    try_plan(file, &LoadOptions::default(), 2)
        .unwrap_or_else(|error| panic!("{error}\n{}", file.text))
}
