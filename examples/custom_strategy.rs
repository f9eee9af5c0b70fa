//! A placement strategy of one's own, `fewest-tasks`: it prefers the container instance that runs
//! the fewest tasks, whatever their group. Run it with `cargo run --example custom_strategy`.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use ecs_sim::cost::{Summary, bill};
use ecs_sim::placement::strategies::{Candidate, Rank, Request, Strategies, Strategy};
use ecs_sim::record::{RecordOptions, Recorder};
use ecs_sim::report::text::{Style, summary};
use ecs_sim::scenario::{LoadOptions, load_text};
use ecs_sim::simulation::Simulation;

/// Ranks by the number of running tasks: the least wins, and ties go to the lowest instance id.
#[derive(Debug)]
struct FewestTasks;

impl Strategy for FewestTasks {
    fn rank(&self, candidate: &Candidate<'_>, _: &Request<'_>) -> Rank {
        Rank(u64::from(candidate.running_tasks_count))
    }
}

const SCENARIO: &str = "
duration: 1h
containerInstances: [{instanceType: m5.large, count: 4}]
tasks:
  - name: crawler
    cpu: 256
    memory: 512
    arrivals: {every: 2m}
    runtime: 20m
    placementStrategy: [{type: fewest-tasks}]
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut strategies = Strategies::default();
    strategies.register("fewest-tasks", FewestTasks);
    let options = LoadOptions {
        strategy_names: vec!["fewest-tasks".to_owned()],
        ..LoadOptions::default()
    };
    let scenario = load_text(SCENARIO, "crawler.yaml", Path::new(""), &options)
        .map_err(|error| error.render(false))?
        .scenario;
    let mut recorder = Recorder::new(&scenario, RecordOptions { tasks: false });
    let mut simulation = Simulation::new(&scenario, &strategies)?;
    let outcome = simulation.run(&mut recorder)?;
    let run = recorder.finish(&outcome, simulation.cluster());
    let text = summary(&Summary::new(&run, &bill(&run)), Style::default());
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
