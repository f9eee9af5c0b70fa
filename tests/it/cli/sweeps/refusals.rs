//! What is wrong is refused before anything runs, with the cell and a way out.

use std::fs;

use super::{OVER, Place};

#[test]
fn every_wrong_cell_is_told_at_once_and_by_its_settings() {
    let place = Place::new();
    let ended = place
        .run(&[
            "sweep",
            "s.yaml",
            "--over",
            "containerInstances.m5.large.count=0,1,two",
            "--over",
            "tasks.t.runtime=5m,5",
            "--out",
            "o",
        ])
        .refused(&[
            "in 2 cells, for instance --set 'containerInstances.m5.large.count=0' \
             --set 'tasks.t.runtime=5m':",
            "in 3 cells, for instance --set 'containerInstances.m5.large.count=0' \
             --set 'tasks.t.runtime=5':",
            "`two` is not a whole number",
            "`5` has no unit",
        ]);
    // Once, though three cells have it.
    assert_eq!(ended.err().matches("`5` has no unit").count(), 1);
    assert!(!place.path("o").exists());
}

#[test]
fn a_path_that_the_scenario_does_not_know_has_its_nearest_name() {
    let place = Place::new();
    let sweep = |over: &str| place.run(&["sweep", "s.yaml", "--over", over, "--out", "o"]);
    sweep("containerInstances.m5.large.cuont=1,2").refused(&[
        "unknown key `cuont`",
        "did you mean `count`?",
        "in all 2 cells, for instance --set 'containerInstances.m5.large.cuont=1'",
    ]);
    let many = sweep("containerInstances.m5.large.cuont=1..50").refused(&["in all 50 cells"]);
    assert_eq!(many.err().matches("error: ").count(), 1, "{}", many.err());
    sweep("containerInstances.m5.lrge.count=1,2").refused(&["did you mean `m5.large`?"]);
    sweep("contaierInstances.m5.large.count=1,2").refused(&["did you mean `containerInstances`?"]);
    sweep("tasks.q.runtime=1m").refused(&["no element `q` in the list"]);
}

#[test]
fn numbers_that_make_no_sweep_are_refused() {
    let place = Place::new();
    let sweep = |more: &[&str]| {
        let mut arguments = vec!["--out", "o"];
        arguments.extend(more);
        place.sweep(&arguments)
    };
    sweep(&["--shard", "0/4"]).refused(&["shards are counted from 1: the first is 1/4"]);
    sweep(&["--shard", "5/4"]).refused(&["there is no shard 5 of 4: the last is 4/4"]);
    sweep(&["--shard", "3"]).refused(&["expected I/N such as `3/16`"]);
    sweep(&["--shard", "1/2", "--shards", "3"]).refused(&["--shard says 2 shards and --shards 3"]);
    sweep(&["--shards", "3"]).refused(&["--shard"]);
    sweep(&["--runs", "5-3"]).refused(&["`5-3` names no runs"]);
    sweep(&["--runs", "1,99"]).refused(&["there is no run 99: the sweep has 12 runs"]);
    sweep(&["--runs", "1", "--shard", "1/2"]).refused(&["cannot be used with"]);
    sweep(&["--resume", "--force"]).refused(&["cannot be used with"]);
    sweep(&["--figure", "cost.totalUSD"]).refused(&["did you mean `cost.totalUsd`?"]);
    sweep(&["--plot", "cost"]).refused(&["`cost` is a group of figures"]);
    let plain = |more: &[&str]| {
        let mut arguments = vec!["sweep", "s.yaml", "--out", "o"];
        arguments.extend(more);
        place.run(&arguments)
    };
    plain(&[]).refused(&["there is nothing to vary", "--over"]);
    plain(&["--over", "tasks.t.runtime="]).refused(&["there are no values"]);
    plain(&["--over", "seed=1..5"]).refused(&["--replications 5"]);
    let over = ["--over", "containerInstances.m5.large.count=1..2000"];
    plain(&[over[0], over[1], "--replications", "0"]).refused(&["0 is not in 1..="]);
    plain(&[over[0], over[1], "--replications", "10000"])
        .refused(&["20000000 runs; the limit is 10000000"]);
    place
        .run(&["sweep", "s.yaml", "--over", "tasks.t.runtime=1m"])
        .refused(&["--out <DIR>"]);
    place.run(&["merge", "--out", "o"]).refused(&["<DIR>"]);
    assert!(!place.path("o").exists());
}

#[test]
fn auto_outside_of_any_engine_says_what_it_looked_for() {
    let place = Place::new();
    let mut command = place.command(&["sweep"]);
    command.args(OVER).args(["--out", "o", "--shard", "auto"]);
    for name in [
        "CI_NODE_INDEX",
        "CIRCLE_NODE_INDEX",
        "BUILDKITE_PARALLEL_JOB",
    ] {
        command.env_remove(name);
    }
    super::Ended(command.output().expect("it ends")).refused(&[
        "`--shard auto` found no variable of an array job",
        "--shard 3/16",
        "SLURM_ARRAY_TASK_ID",
    ]);
    assert!(!place.path("o").exists());
}

#[test]
fn a_directory_that_holds_something_is_kept_as_it_is() {
    let place = Place::new();
    fs::create_dir(place.path("o")).expect("a directory");
    place.write("o/mine.txt", "mine");
    place
        .sweep(&["--out", "o"])
        .refused(&["o is not empty", "--resume", "--force"]);
    place
        .sweep(&["--out", "o", "--resume"])
        .refused(&["o holds no sweep to go on with"]);
    place.write("file", "mine");
    place
        .sweep(&["--out", "file"])
        .refused(&["file is not a directory"]);
    assert_eq!(place.all("o"), [("mine.txt".to_owned(), b"mine".to_vec())]);
    place.sweep(&["--out", "o", "--force"]).ok();
    assert_eq!(fs::read(place.path("o/mine.txt")).expect("kept"), b"mine");
    place.sweep(&["--out", "new"]).ok();
    place
        .sweep(&["--out", "new"])
        .refused(&["new is not empty"]);
}

#[test]
fn a_second_process_keeps_out() {
    let place = Place::new();
    fs::create_dir(place.path("o")).expect("a directory");
    let held = fs::File::open(place.path("o")).expect("a directory");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).expect("free");
    place
        .sweep(&["--out", "o"])
        .refused(&["another process is at work in o"]);
    drop(held);
    place.sweep(&["--out", "o"]).ok();
}

#[test]
fn a_trace_that_ends_wrong_stops_the_sweep_and_keeps_what_is_done() {
    let place = Place::new();
    place.write(
        "bad.csv",
        "submit_s,duration_s,cpu,memory\n0,60,256,512\n9,x,256,512\n",
    );
    place.write(
        "good.csv",
        "submit_s,duration_s,cpu,memory\n0,60,256,512\n9,9,256,512\n",
    );
    place.write(
        "t.yaml",
        "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\n\
         tasks: [{name: jobs, trace: {file: good.csv}}]\n",
    );
    let arguments = [
        "sweep",
        "t.yaml",
        "--over",
        "tasks.jobs.trace.file=good.csv,bad.csv",
        "--jobs",
        "1",
        "--out",
        "o",
    ];
    place
        .run(&arguments)
        .refused(&["run 2 (cell 2) failed", "bad.csv", "--resume"]);
    assert!(place.path("o/sweep.journal").exists());
    assert!(!place.path("o/manifest.json").exists());
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_refused_where_it_was_not_built_in() {
    let place = Place::new();
    place
        .sweep(&["--out", "o", "--format", "parquet"])
        .refused(&["--features parquet"]);
    assert!(!place.path("o").exists());
}
