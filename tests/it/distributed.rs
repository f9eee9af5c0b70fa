//! The job files in `docs/distributed`: each is run as its engine would run it, once for every
//! task, with the variables that the engine documents; the parts join to what one machine makes.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const SCENARIO: &str = "sweep-fleet-size.yaml";

fn file(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/distributed");
    fs::read_to_string(directory.join(name)).expect(name)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// A directory with the scenario, and the program in its `bin`.
fn place() -> TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = root.join("scenarios").join(SCENARIO);
    fs::copy(scenario, place.path().join(SCENARIO)).expect("a copy");
    fs::create_dir(place.path().join("bin")).expect("a directory");
    let program = place.path().join("bin/ecs-sim");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ecs-sim"), program).expect("a link");
    place
}

/// A command with the program in its path, in the directory.
fn shell(place: &TempDir, script: &str, variables: &[(&str, String)]) {
    let bin = place.path().join("bin");
    let output = Command::new("bash")
        .args(["-c", &format!("PATH={}:$PATH\n{script}", bin.display())])
        .current_dir(place.path())
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .output()
        .expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{errors}");
}

/// All files below a directory with what they hold.
fn bytes(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(bytes(&path));
        } else {
            let content = fs::read(&path).expect("a file");
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// Joins the parts and compares them with what one machine makes.
fn joins(place: &TempDir) {
    let out = |name: &str| place.path().join(name);
    let single = format!("ecs-sim sweep {SCENARIO} --replications 2 --quiet --out results");
    shell(place, "ecs-sim merge parts/* --out results --quiet", &[]);
    fs::rename(out("results"), out("merged")).expect("renamed");
    shell(place, &single, &[]);
    let within = |name: &str| {
        let files = bytes(&out(name)).into_iter();
        let below = |path: PathBuf| path.strip_prefix(out(name)).expect("below").to_path_buf();
        files
            .map(|(path, content)| (below(path), content))
            .collect::<Vec<_>>()
    };
    assert!(within("merged") == within("results"));
}

/// Two replications are enough.
fn small(command: &str) -> String {
    assert!(command.contains("--replications 100 "), "{command}");
    command.replace("--replications 100 ", "--replications 2 ")
}

#[test]
fn the_indexed_job_of_kubernetes_does_the_whole_sweep() {
    let job: Value = serde_yaml::from_str(&file("kubernetes-indexed-job.yaml")).expect("YAML");
    assert_eq!(text(&job, "/spec/completionMode"), "Indexed");
    let completions = job.pointer("/spec/completions").and_then(Value::as_u64);
    let completions = completions.expect("a number");
    let container = job.pointer("/spec/template/spec/containers/0");
    let container = container.expect("a container");
    assert_eq!(text(container, "/command/0"), "sh");
    assert_eq!(text(container, "/env/0/name"), "ECS_SIM_SHARDS");
    let shards = text(container, "/env/0/value").to_owned();
    assert_eq!(shards, completions.to_string());
    let claim = text(
        &job,
        "/spec/template/spec/volumes/0/persistentVolumeClaim/claimName",
    );
    assert_eq!(claim, "sweep");
    let place = place();
    for index in 0..completions {
        let index = ("JOB_COMPLETION_INDEX", index.to_string());
        let variables = [index, ("ECS_SIM_SHARDS", shards.clone())];
        shell(&place, &small(text(container, "/command/2")), &variables);
    }
    joins(&place);
}

#[test]
fn the_array_job_of_aws_batch_does_the_whole_sweep() {
    let definition: Value =
        serde_json::from_str(&file("aws-batch-job-definition.json")).expect("JSON");
    let submit: Value = serde_json::from_str(&file("aws-batch-submit-job.json")).expect("JSON");
    let name = text(&definition, "/jobDefinitionName");
    assert_eq!(text(&submit, "/jobDefinition"), name);
    let size = submit.pointer("/arrayProperties/size");
    let size = size.and_then(Value::as_u64).expect("a number");
    let command = text(&definition, "/containerProperties/command/2");
    let mounted = text(
        &definition,
        "/containerProperties/mountPoints/0/containerPath",
    );
    let place = place();
    let command = small(command).replace(
        &format!("cd {mounted}"),
        &format!("cd {}", place.path().display()),
    );
    for index in 0..size {
        let variables = [
            ("AWS_BATCH_JOB_ARRAY_INDEX", index.to_string()),
            ("AWS_BATCH_JOB_ARRAY_SIZE", size.to_string()),
        ];
        shell(&place, &command, &variables);
    }
    joins(&place);
}

#[test]
fn the_job_array_of_slurm_does_the_whole_sweep() {
    let place = place();
    fs::write(place.path().join("job"), file("slurm.sbatch")).expect("written");
    // As `--array=10-25:5` numbers them.
    for number in [10, 15, 20, 25] {
        let variables = [
            ("SLURM_ARRAY_TASK_ID", number.to_string()),
            ("SLURM_ARRAY_TASK_MIN", "10".to_owned()),
            ("SLURM_ARRAY_TASK_MAX", "25".to_owned()),
            ("SLURM_ARRAY_TASK_STEP", "5".to_owned()),
            ("SLURM_ARRAY_TASK_COUNT", "4".to_owned()),
        ];
        let command = format!("bash job {SCENARIO} --replications 2");
        shell(&place, &command, &variables);
    }
    joins(&place);
}
