//! What a sweep costs beside its simulations: a thousand runs as `ecs-sim sweep` makes them, with
//! checks of all cells, rows on the disk, files and pictures, and the same thousand simulations
//! alone. One thread each, so that the difference is work and not waiting.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use ecs_sim::experiment::run_once;
use ecs_sim::experiment::seeds::seed_of;
use ecs_sim::experiment::sweep::{Cells, Experiment, Identity, PlayError, Selection};
use ecs_sim::report::sweep::{Header, Opening, SweepDirectory, SweepFilesError, plots};
use ecs_sim::scenario::{FigurePath, LoadOptions, ScenarioFile, parse_over};

/// Twenty-five cells, forty seeds each.
const OVER: [&str; 2] = [
    "containerInstances.m5.large.count=2..6",
    "workload.scale=1..3..0.5",
];
const REPLICATIONS: u64 = 40;
const PLOTS: [&str; 2] = ["cost.totalUsd", "placement.waitMs.p99"];

fn scenario() -> ScenarioFile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("scenarios/sweep-fleet-size.yaml");
    ScenarioFile::read(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn experiment<'a>(file: &'a ScenarioFile, options: &'a LoadOptions) -> Experiment<'a> {
    let over = OVER.map(str::to_owned);
    let sweep = parse_over(&over).unwrap_or_else(|error| panic!("{error}"));
    let seed = file.load(options).map(|loaded| loaded.scenario.seed);
    let figure = |path: &str| FigurePath::parse(path).expect("a path");
    Experiment {
        file,
        options,
        cells: Cells::new(sweep, seed.unwrap_or_else(|error| panic!("{error}"))),
        replications: REPLICATIONS,
        figures: PLOTS.map(figure).to_vec(),
    }
}

fn identity(experiment: &Experiment<'_>) -> Identity {
    Identity {
        program: "bench".to_owned(),
        scenario: "sweep-fleet-size.yaml".to_owned(),
        scenario_sha256: String::new(),
        sets: Vec::new(),
        seed: None,
        strategy: None,
        over: OVER.map(str::to_owned).to_vec(),
        paths: experiment
            .cells
            .paths()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        figures: PLOTS.map(str::to_owned).to_vec(),
        cells: experiment.cells.count(),
        replications: REPLICATIONS,
        runs: experiment.runs(),
    }
}

/// All that `ecs-sim sweep` does.
fn sweep(file: &ScenarioFile, options: &LoadOptions, out: &Path) -> Vec<PathBuf> {
    let experiment = experiment(file, options);
    let runs = experiment.pending(&Selection::All, |_| false);
    let checked = experiment.check(NonZeroUsize::MIN, &runs, &[]);
    assert!(checked.errors.is_empty());
    let header = Header::new(
        identity(&experiment),
        Path::new("sweep-fleet-size.yaml"),
        BTreeMap::default(),
        &Selection::All,
    );
    let directory = SweepDirectory::open(out, Opening::Force, header).expect("a directory");
    let played = experiment.play(NonZeroUsize::MIN, &runs, |row| directory.keep(row));
    played.unwrap_or_else(|error: PlayError<SweepFilesError>| panic!("{error}"));
    let written = directory.finish(&mut |header, output, table| {
        let drawn = PLOTS.iter().filter_map(|figure| {
            let picture = plots::draw(table, &header.sweep.scenario, figure)?;
            let picture = picture.expect("a picture");
            let name = plots::file_name(figure);
            Some(output.write(&name, |to| to.write_all(picture.as_bytes())))
        });
        Ok(drawn.collect::<Result<_, _>>()?)
    });
    written.expect("files")
}

/// The simulations alone: every cell is loaded before.
fn simulations(file: &ScenarioFile, options: &LoadOptions) -> impl Fn() -> usize + use<> {
    let experiment = experiment(file, options);
    let cells: Vec<_> = (1..=experiment.cells.count())
        .map(|cell| experiment.load(cell).map(|loaded| loaded.scenario))
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}"));
    move || {
        let mut digests = 0;
        for scenario in &cells {
            for replication in 0..REPLICATIONS {
                let mut scenario = scenario.clone();
                scenario.seed = seed_of(scenario.seed, replication);
                digests += run_once(&scenario).expect("a run").digest.len();
            }
        }
        digests
    }
}

fn a_thousand_runs(criterion: &mut Criterion) {
    let (file, options) = (scenario(), LoadOptions::default());
    let place = tempfile::tempdir().expect("a directory");
    assert_eq!(experiment(&file, &options).runs(), 1_000);
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10);
    group.bench_function("simulations", |bencher| {
        bencher.iter(simulations(&file, &options));
    });
    group.bench_function("whole", |bencher| {
        bencher.iter(|| sweep(&file, &options, place.path()));
    });
    group.finish();
}

criterion_group!(benches, a_thousand_runs);
criterion_main!(benches);
