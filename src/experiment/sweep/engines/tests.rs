//! What engines set, and which shard that is.

use std::collections::BTreeMap;

use super::{detect, variables};

fn environment(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split_whitespace();
    pairs
        .map(|pair| pair.split_once('=').expect("NAME=VALUE"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The shard, or the problem, that an environment tells of.
fn told(text: &str, count: Option<u64>) -> String {
    match detect(&environment(text), count) {
        Ok(found) => found.shard.to_string(),
        Err(error) => error.problem,
    }
}

#[test]
fn every_engine_tells_its_shard() {
    for (text, shard) in [
        (
            "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=16 \
             SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=16",
            "1/16",
        ),
        (
            "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=3 \
             SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=4",
            "1/4",
        ),
        (
            "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 \
             SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4",
            "3/4",
        ),
        (
            "AWS_BATCH_JOB_ARRAY_INDEX=0 AWS_BATCH_JOB_ARRAY_SIZE=10",
            "1/10",
        ),
        (
            "AWS_BATCH_JOB_NODE_INDEX=2 AWS_BATCH_JOB_NUM_NODES=3",
            "3/3",
        ),
        ("JOB_COMPLETION_INDEX=4 ECS_SIM_SHARDS=5", "5/5"),
        ("CLOUD_RUN_TASK_INDEX=1 CLOUD_RUN_TASK_COUNT=2", "2/2"),
        ("BATCH_TASK_INDEX=1 BATCH_TASK_COUNT=2", "2/2"),
        ("PBS_ARRAY_INDEX=1 ECS_SIM_SHARDS=8", "1/8"),
        (
            "SGE_TASK_ID=5 SGE_TASK_FIRST=1 SGE_TASK_LAST=9 SGE_TASK_STEPSIZE=4",
            "2/3",
        ),
        (
            "LSB_JOBINDEX=3 LSB_JOBINDEX_END=12 LSB_JOBINDEX_STEP=1",
            "3/12",
        ),
        ("CI_NODE_INDEX=2 CI_NODE_TOTAL=4", "2/4"),
        (
            "BUILDKITE_PARALLEL_JOB=0 BUILDKITE_PARALLEL_JOB_COUNT=4",
            "1/4",
        ),
        ("CIRCLE_NODE_INDEX=3 CIRCLE_NODE_TOTAL=4", "4/4"),
        ("PARALLEL_SEQ=7 ECS_SIM_SHARDS=8", "7/8"),
    ] {
        assert_eq!(told(text, None), shard, "{text}");
    }
}

#[test]
fn the_count_may_come_from_the_user_and_must_not_contradict_the_engine() {
    assert_eq!(told("JOB_COMPLETION_INDEX=0", Some(4)), "1/4");
    // What stands on the command line is nearer than the environment.
    assert_eq!(
        told("JOB_COMPLETION_INDEX=0 ECS_SIM_SHARDS=9", Some(4)),
        "1/4"
    );
    assert_eq!(told("CI_NODE_INDEX=2 CI_NODE_TOTAL=4", Some(4)), "2/4");
    assert_eq!(
        told("CI_NODE_INDEX=2 CI_NODE_TOTAL=4", Some(5)),
        "--shards says 5 shards, the GitLab CI parallel job says 4 (CI_NODE_INDEX=2)"
    );
    let one_again = "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=3 \
                     SLURM_ARRAY_TASK_COUNT=1 ECS_SIM_SHARDS=16";
    assert_eq!(
        told(one_again, None),
        "ECS_SIM_SHARDS says 16 shards, the Slurm job array says 1 (SLURM_ARRAY_TASK_ID=3)"
    );
}

#[test]
fn outside_arrays_nothing_is_told() {
    let nothing = "`--shard auto` found no variable of an array job";
    for text in [
        "",
        "SGE_TASK_ID=undefined",
        "LSB_JOBINDEX=0 LSB_JOBINDEX_END=0",
        "SLURM_JOB_ID=7",
        "CI_NODE_TOTAL=1",
        "CI_NODE_INDEX= CI_NODE_TOTAL=1",
    ] {
        assert_eq!(told(text, Some(4)), nothing, "{text}");
    }
    let help = detect(&BTreeMap::new(), None).unwrap_err().help;
    assert!(help.contains("--shard 3/16"), "{help}");
    assert!(help.contains("SLURM_ARRAY_TASK_ID"), "{help}");
}

#[test]
fn what_does_not_fit_together_is_refused_with_the_variables() {
    for (text, problem) in [
        (
            "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 \
             SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=3",
            "the Slurm job array is not numbered evenly: SLURM_ARRAY_TASK_ID=3, first 1, last 7, \
             step 1, 3 tasks",
        ),
        (
            "SLURM_ARRAY_TASK_ID=3",
            "SLURM_ARRAY_TASK_ID=3 is set, and SLURM_ARRAY_TASK_MIN, which the Slurm job array \
             sets too, is not",
        ),
        (
            "JOB_COMPLETION_INDEX=0 CI_NODE_INDEX=1 CI_NODE_TOTAL=2",
            "`--shard auto` found variables of 2 engines: JOB_COMPLETION_INDEX=0, CI_NODE_INDEX=1",
        ),
        (
            "JOB_COMPLETION_INDEX=0",
            "JOB_COMPLETION_INDEX=0 (Kubernetes Indexed Job) does not say how many shards there are",
        ),
        (
            "JOB_COMPLETION_INDEX=4 ECS_SIM_SHARDS=4",
            "JOB_COMPLETION_INDEX=4 (Kubernetes Indexed Job) and 4 shards do not fit: there is no \
             shard 5 of 4: the last is 4/4",
        ),
        (
            "PBS_ARRAY_INDEX=0 ECS_SIM_SHARDS=4",
            "PBS_ARRAY_INDEX=0, but the tasks of a PBS array are numbered from 1",
        ),
        ("CI_NODE_INDEX=two", "CI_NODE_INDEX=two is not a number"),
        (
            "JOB_COMPLETION_INDEX=0 ECS_SIM_SHARDS=many",
            "ECS_SIM_SHARDS=many is not a number",
        ),
    ] {
        assert_eq!(told(text, None), problem, "{text}");
    }
}

#[test]
fn every_variable_that_is_looked_at_is_asked_for() {
    let names = variables();
    for name in [
        "SLURM_ARRAY_TASK_STEP",
        "LSB_JOBINDEX_END",
        "ECS_SIM_SHARDS",
        "PARALLEL_SEQ",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
}
