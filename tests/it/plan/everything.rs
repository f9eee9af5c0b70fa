//! The plan against trying everything: each choice with all replications, on small spaces of quick
//! scenarios.

use ecs_sim::experiment::figures::Figures;
use ecs_sim::experiment::plan::{FIRST_FRESH, Planned, Space, Trial, TriedFate, Verdict};
use ecs_sim::experiment::seeds::seed_of;
use ecs_sim::experiment::{run_once, with_seed};
use ecs_sim::scenario::{LoadOptions, Plan, Scenario, ScenarioFile};
use ecs_sim::units::Fixed;

use super::{file, loaded, plan, try_plan};

/// The best of all choices that pass the trial of an attempt: its number and its mean objective
/// over the seeds of the search.
struct Everything {
    best: Option<(u64, Fixed)>,
    /// Runs that trying everything takes, if nothing fails.
    runs: u64,
}

impl Everything {
    fn of(file: &ScenarioFile, attempt: u64) -> Self {
        let scenario = loaded(file, &LoadOptions::default()).scenario;
        let plan = scenario.plan.clone().expect("a plan");
        let space = Space::new(&plan.vary).expect("a small space");
        let trial = Trial::new(plan.holds_in, plan.confidence, attempt);
        let mut means: Vec<(Fixed, u64, Scenario)> = Vec::new();
        for number in 0..space.len() {
            let options = LoadOptions {
                sets: space.sets(number),
                ..LoadOptions::default()
            };
            let Ok(choice) = file.load(&options) else {
                continue;
            };
            let choice = Scenario {
                checks: [scenario.checks.clone(), plan.require.clone()].concat(),
                ..choice.scenario
            };
            let raced =
                (0..FIRST_FRESH).map(|run| played(&choice, run, &plan).1.expect("a number").0);
            let mean = Fixed(raced.sum::<i128>() / i128::from(FIRST_FRESH));
            means.push((mean, number, choice));
        }
        // Of what is dearer than one that passes, nothing needs to be known.
        means.sort_by_key(|(mean, number, _)| (*mean, *number));
        let mut means = means.into_iter();
        let best = means.find(|(.., choice)| passes(choice, &plan, &trial));
        Self {
            best: best.map(|(mean, number, _)| (number, mean)),
            runs: space.len() * (FIRST_FRESH + trial.runs(0).expect("some")),
        }
    }
}

fn passes(choice: &Scenario, plan: &Plan, trial: &Trial) -> bool {
    let (mut runs, mut failures) = (0, 0);
    loop {
        match trial.verdict(runs, failures) {
            Verdict::Passed => return true,
            Verdict::Failed => return false,
            Verdict::Open(_) => {}
        }
        failures += u64::from(!played(choice, FIRST_FRESH + runs, plan).0);
        runs += 1;
    }
}

/// Whether all checks hold in a run, and its objective.
fn played(choice: &Scenario, run: u64, plan: &Plan) -> (bool, Option<Fixed>) {
    let summary = run_once(&with_seed(choice, seed_of(choice.seed, run))).expect("it runs");
    let holds = summary.checks.iter().all(|check| check.passed);
    let objective = Figures::of(&summary).get(&plan.objective).ok().flatten();
    (holds && objective.is_some(), objective)
}

/// Finds what trying everything finds, in a tenth of the runs.
fn check(text: &str) -> Planned {
    let file = file(text);
    let planned = plan(&file);
    let winner = planned
        .winner()
        .unwrap_or_else(|| panic!("nothing was found:\n{planned:#?}"));
    let everything = Everything::of(&file, winner.confirmation.expect("it came to one"));
    let (number, least) = everything.best.expect("something holds");
    assert_eq!(
        winner.objective,
        Some(least),
        "{} for {number}\n{text}",
        winner.number
    );
    let (runs, few) = (everything.runs, planned.runs);
    assert!(runs >= 10 * few, "{few} runs for {runs}\n{text}");
    planned
}

/// Jobs that wait in a queue; the fleet varies. What it costs is known before any run.
fn fleets(seed: u64) -> String {
    format!(
        "seed: {seed}
duration: 1h
latencies: {{instant: true}}
containerInstances: [{{name: fleet, instanceType: m5.large, count: 2, availabilityZones: [us-east-1a, us-east-1b]}}]
tasks:
  - {{name: jobs, cpu: 700, memory: 1500, arrivals: {{poisson: {{perHour: 50}}, until: 58m}},
     runtime: {{exponential: {{mean: 6m}}}}, whenFull: backfill}}
checks: [tasks.notPlaced == 0, tasks.waiting == 0]
plan:
  vary:
    - {{path: containerInstances.fleet.instanceType, instanceTypes: ['m5 vcpu<=8', 'c5 vcpu<=8', 'r5 vcpu<=4']}}
    - {{path: containerInstances.fleet.count, values: 1..9}}
    - {{path: tasks.jobs.placementStrategy, strategies: [binpack-memory, spread-az]}}
  require: [placement.waitMs.p90 <= 2m]
"
    )
}

#[test]
fn of_fleets_it_finds_what_trying_everything_finds_in_a_tenth_of_the_runs() {
    for seed in [1, 2, 3] {
        let planned = check(&fleets(seed));
        assert!(planned.choices.all >= 140, "{}", planned.choices.all);
        assert!(planned.choices.too_small > 0 && planned.choices.no_cheaper > 0);
        // Of what was left out for its cost, none is cheaper.
        let winner = planned.winner().unwrap();
        assert_eq!(winner.bound, winner.objective);
    }
}

/// A service under load; how many tasks of which size. What tasks cost is not known before.
fn services(seed: u64) -> String {
    format!(
        "seed: {seed}
duration: 20m
latencies: {{instant: true}}
containerInstances: [{{instanceType: m5.4xlarge, count: 2}}]
taskDefinitions: [{{family: web, cpu: '512', memory: '1024', containerDefinitions: [{{name: app, image: i}}]}}]
services:
  - serviceName: web
    taskDefinition: web
    desiredCount: 4
    load:
      curve: {{base: 150, peak: 300, peakAt: 0h}}
      request: {{cpuTime: 6ms, extraTime: 5ms, cpuNoise: 0.2}}
plan:
  objective: services.web.costUsd
  vary:
    - {{path: services.web.desiredCount, values: 1..24}}
    - name: size
      options:
        small: {{taskDefinitions.web.cpu: '256', taskDefinitions.web.memory: '512'}}
        medium: {{}}
        large: {{taskDefinitions.web.cpu: '1024', taskDefinitions.web.memory: '2048'}}
  require: [services.web.load.errorRate <= 1%]
"
    )
}

#[test]
fn of_services_it_finds_what_trying_everything_finds_in_a_tenth_of_the_runs() {
    for seed in [1, 2] {
        let planned = check(&services(seed));
        assert_eq!(planned.choices.all, 72);
        // Nothing is known of the objective before a run, so nothing is left out.
        assert_eq!(planned.choices.tried, 72);
        assert_eq!(planned.winner().unwrap().bound, None);
    }
}

#[test]
fn the_plan_is_the_same_on_any_number_of_threads() {
    for text in [fleets(4), services(4)] {
        let file = file(&text);
        let options = LoadOptions::default();
        let alone = try_plan(&file, &options, 1).expect("a plan");
        for jobs in [2, 7] {
            assert_eq!(
                try_plan(&file, &options, jobs).expect("a plan"),
                alone,
                "{jobs}"
            );
        }
    }
}

#[test]
fn what_a_budget_does_not_suffice_for_is_told() {
    let file = file(&fleets(1));
    let all = plan(&file).runs;
    for budget in [43, 50, all / 2, all] {
        let options = LoadOptions {
            sets: vec![format!("plan.budget={budget}")],
            ..LoadOptions::default()
        };
        let planned = try_plan(&file, &options, 2).expect("a plan");
        assert!(planned.runs <= budget);
        assert_eq!(planned.winner.is_some(), budget == all, "{budget}");
        assert_eq!(planned.ran_out, budget < all, "{budget}");
        let fates = planned.tried.iter().map(|choice| choice.fate);
        let undecided = fates
            .filter(|fate| *fate == TriedFate::BeyondBudget)
            .count();
        assert!(budget == all || undecided > 0 || planned.choices.beyond_budget > 0);
    }
}

#[test]
fn choices_add_up_and_each_is_what_its_sets_make() {
    let file = file(&fleets(2));
    let planned = plan(&file);
    let counts = &planned.choices;
    let left_out = counts.invalid + counts.too_small + counts.too_dear + counts.no_cheaper;
    assert_eq!(left_out + counts.beyond_budget + counts.tried, counts.all);
    assert_eq!(usize::try_from(counts.tried).unwrap(), planned.tried.len());
    for choice in &planned.tried {
        let options = LoadOptions {
            sets: choice.sets.clone(),
            ..LoadOptions::default()
        };
        let scenario = loaded(&file, &options).scenario;
        let kind = &scenario.instance_types[0].name;
        let count = scenario.container_instances[0].count.to_string();
        let strategy = scenario.tasks[0].placement_strategy[0].to_string();
        assert_eq!(choice.values, [kind.as_str(), &count, &strategy]);
        let summary = run_once(&scenario).expect("it runs");
        assert_eq!(
            Some(Fixed::parse(&summary.cost.total_usd.to_string()).unwrap()),
            choice.bound
        );
    }
}

#[test]
fn where_nothing_holds_the_nearest_says_why() {
    let text = fleets(1).replace("p90 <= 2m", "p90 < 0s");
    let planned = plan(&file(&text));
    assert_eq!((planned.winner, planned.ran_out), (None, false));
    let nearest = planned.nearest().expect("one came nearest");
    let failed: Vec<&str> = nearest.failed_checks.keys().map(String::as_str).collect();
    assert_eq!(failed, ["placement.waitMs.p90 < 0s"]);
    // Where every choice is left out without a run, one is played all the same.
    let text = text
        .replace("count: 2,", "count: 1,")
        .replace("values: 1..9", "values: [1]");
    let text = text.replace("cpu: 700", "cpu: 9000");
    let planned = plan(&file(&text));
    assert_eq!(
        (planned.winner, planned.runs, planned.choices.tried),
        (None, 1, 1)
    );
    let nearest = planned.nearest().expect("one was played");
    assert!(nearest.failed_checks.contains_key("tasks.notPlaced == 0"));
    let counts = &planned.choices;
    assert_eq!(counts.too_small + counts.tried, counts.all);
}

#[test]
fn a_check_on_cost_leaves_out_what_costs_more() {
    let text = fleets(1).replace("require: [", "require: [cost.totalUsd < 0.60, ");
    let planned = plan(&file(&text));
    assert!(planned.choices.too_dear > 0);
    assert!(
        planned
            .tried
            .iter()
            .all(|choice| choice.bound < Fixed::parse("0.6").ok())
    );
}
