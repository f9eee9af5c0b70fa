//! A deterministic discrete-event simulator of Amazon ECS cluster scheduling.
//!
//! A *scenario* (YAML in ECS's own words) says which container instances there are, which tasks
//! come when, and how they are to be placed. A *run* plays it through, from event to event, and
//! tells which task went where, who waited or was refused and why, how full the cluster was, and
//! what it cost. The command `ecs-sim` is a thin cover over this library.
//!
//! # A first run
//!
//! ```
//! use std::path::Path;
//!
//! use ecs_sim::cost::{Summary, bill};
//! use ecs_sim::placement::strategies::Strategies;
//! use ecs_sim::record::{RecordOptions, Recorder};
//! use ecs_sim::scenario::{LoadOptions, load_text};
//! use ecs_sim::simulation::Simulation;
//!
//! let text = "
//! duration: 1h
//! containerInstances: [{instanceType: m5.large, count: 2}]
//! tasks: [{name: job, cpu: 1024, memory: 1024, arrivals: {at: 0s, count: 5}}]
//! ";
//! let scenario = load_text(text, "first.yaml", Path::new(""), &LoadOptions::default())?.scenario;
//! let strategies = Strategies::default();
//! let mut recorder = Recorder::new(&scenario, RecordOptions { tasks: true });
//! let mut simulation = Simulation::new(&scenario, &strategies)?;
//! let outcome = simulation.run(&mut recorder)?;
//! let run = recorder.finish(&outcome, simulation.cluster());
//! let summary = Summary::new(&run, &bill(&run));
//!
//! // Two vCPUs each: the fifth task of one vCPU finds no room, and two instances cost 0.096 each.
//! assert_eq!((summary.tasks.placed, summary.tasks.not_placed), (4, 1));
//! assert_eq!(summary.placement.failures["RESOURCE:CPU"], 1);
//! assert_eq!(summary.cost.total_usd.to_string(), "0.192000000");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms, in reading order
//!
//! Each module is a room with one subject; what it must never know is as much a part of it as what
//! it does. `ARCHITECTURE.md` has the whole map, and a test holds the arrows between the rooms.
//!
//! 1. [`units`]: time, amounts, money, in integers.
//! 2. [`kernel`]: event queue, random streams, laws, digest; it knows nothing of ECS.
//! 3. [`model`]: what exists: task definitions, container instances, tasks, the cluster's tables.
//! 4. [`placement`]: where a task goes: filters, constraints, strategies, pick.
//! 5. [`workload`]: when tasks come, how long they run, how many requests come to services.
//! 6. [`control`]: what ECS decides over time for services and capacity providers.
//! 7. [`cloud`]: AWS around the tasks: the agent and its image pulls, health checks, requests; Auto
//!    Scaling groups, Spot, Fargate.
//! 8. [`catalog`]: instance types and prices.
//! 9. [`scenario`]: YAML text to a checked scenario; every mistake with its place.
//! 10. [`simulation`]: the loop that puts the rooms above to work.
//! 11. [`record`]: what happened, written down by an observer that never steers.
//! 12. [`cost`]: the bill, and the summary.
//! 13. [`experiment`]: many runs side by side, and what they tell together.
//! 14. [`report`]: text, JSON, CSV, plots.
//! 15. [`cli`]: the command line.
//!
//! A placement strategy of your own takes one `impl`: see
//! [`Strategy`](placement::strategies::Strategy) and `examples/custom_strategy.rs`.

pub mod units;

pub mod kernel;

pub mod model;

pub mod placement;

pub mod workload;

pub mod control;

pub mod cloud;

pub mod catalog;

pub mod scenario;

pub mod simulation;

pub mod record;

pub mod cost;

pub mod experiment;

pub mod report;

pub mod cli;
