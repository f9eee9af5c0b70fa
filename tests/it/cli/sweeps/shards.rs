//! Shards join to what one machine would have written, and nothing else does.

use std::fs;

use super::{OVER, Place};

/// Does the shards of so many, and returns their directories.
fn shards(place: &Place, count: u32) -> Vec<String> {
    let one = |index: u32| {
        let out = format!("part-{index}-of-{count}");
        place
            .sweep(&["--out", &out, "--shard", &format!("{index}/{count}")])
            .ok();
        out
    };
    (1..=count).map(one).collect()
}

fn merged(place: &Place, parts: &[String], out: &str, more: &[&str]) -> super::Ended {
    let mut arguments = vec!["merge"];
    arguments.extend(parts.iter().map(String::as_str));
    arguments.extend(["--out", out, "--quiet"]);
    arguments.extend(more);
    place.run(&arguments)
}

#[test]
fn any_number_of_shards_joins_to_the_bytes_of_one_machine() {
    let place = Place::new();
    place.sweep(&["--out", "single"]).ok();
    let single = place.all("single");
    for count in [1, 2, 3, 7, 20] {
        let mut parts = shards(&place, count);
        // In whatever order.
        parts.reverse();
        let out = format!("merged-{count}");
        merged(&place, &parts, &out, &[]).ok();
        assert!(place.all(&out) == single, "{count} shards");
    }
}

#[test]
fn joining_in_steps_or_what_is_whole_changes_nothing() {
    let place = Place::new();
    place.sweep(&["--out", "single"]).ok();
    let single = place.all("single");
    let parts = shards(&place, 3);
    merged(&place, &parts[..2], "two", &["--partial"]).ok();
    merged(&place, &["two".to_owned(), parts[2].clone()], "three", &[]).ok();
    assert!(place.all("three") == single);
    merged(&place, &["three".to_owned()], "again", &[]).ok();
    assert!(place.all("again") == single);
    // What is missing can also be done in place.
    place.sweep(&["--out", "two", "--resume"]).ok();
    assert!(place.all("two") == single);
}

#[test]
fn missing_runs_are_listed_with_the_commands_that_do_them() {
    let place = Place::new();
    let parts = shards(&place, 3);
    let left = [parts[0].clone(), parts[2].clone()];
    let ended = merged(&place, &left, "m", &[]).refused(&[
        "error: 4 runs are missing: 2,4,9,11",
        "--shard 2/3 --out missing-1",
        "--partial",
    ]);
    assert!(!place.path("m").exists());
    // The command does what it says: its directory makes the sweep whole.
    let command = ended
        .err()
        .lines()
        .find(|line| line.starts_with("  ecs-sim "));
    let words = crate::docs::words(command.expect("a command").trim());
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    place.run(&words).ok();
    let all = [parts[0].clone(), parts[2].clone(), "missing-1".to_owned()];
    merged(&place, &all, "m", &[]).ok();
    place.sweep(&["--out", "single"]).ok();
    assert!(place.all("m") == place.all("single"));
}

#[test]
fn the_commands_name_the_scenario_as_it_was_given() {
    let place = Place::new();
    fs::create_dir(place.path("folder")).unwrap();
    fs::copy(place.path("s.yaml"), place.path("folder/my s.yaml")).unwrap();
    let sweep = |out: &str, shard: &str| {
        let given = ["sweep", "folder/my s.yaml", "--over", "duration=1h,2h,3h"];
        place
            .run(&[&given[..], &["--out", out, "--shard", shard]].concat())
            .ok();
    };
    sweep("a", "1/2");
    let ended = place.run(&["merge", "a", "--out", "m"]);
    let expected =
        "  ecs-sim sweep 'folder/my s.yaml' --over duration=1h,2h,3h --shard 2/2 --out missing-1";
    assert!(ended.err().contains(expected), "{}", ended.err());
    // Another path to the same file is the same sweep.
    let text = fs::read_to_string(place.path("a/manifest.json")).unwrap();
    assert!(
        text.contains("\"scenarioPath\": \"folder/my s.yaml\""),
        "{text}"
    );
    sweep("b", "2/2");
    place.run(&["merge", "a", "b", "--out", "m"]).ok();
}

#[test]
fn single_runs_are_done_by_their_numbers_and_asked_for_by_them() {
    let place = Place::new();
    place.sweep(&["--out", "some", "--runs", "1-4,9-12"]).ok();
    let some = ["some".to_owned()];
    merged(&place, &some, "m", &[])
        .refused(&["4 runs are missing: 5-8", "--runs 5-8 --out missing-1"]);
    place.sweep(&["--out", "rest", "--runs", "5-8"]).ok();
    merged(&place, &["rest".to_owned(), "some".to_owned()], "m", &[]).ok();
    place.sweep(&["--out", "single"]).ok();
    assert!(place.all("m") == place.all("single"));
}

#[test]
fn what_does_not_belong_together_is_not_joined() {
    let place = Place::new();
    let parts = shards(&place, 2);
    let with = |other: &str| [parts[0].clone(), other.to_owned()];
    merged(&place, &with(&parts[0]), "m", &[]).refused(&["part-1-of-2 is given twice"]);
    merged(&place, &with("./part-1-of-2/"), "m", &[]).refused(&["is given twice"]);
    place.sweep(&["--out", "third", "--shard", "1/3"]).ok();
    merged(&place, &with("third"), "m", &[]).refused(&[
        "third holds runs that part-1-of-2 holds too: ",
        "leave one of them out",
    ]);
    let mut more = vec!["sweep"];
    more.extend(OVER);
    more.extend([
        "--set",
        "tasks.huge.cpu=5",
        "--shard",
        "2/2",
        "--out",
        "other",
    ]);
    place.run(&more).ok();
    merged(&place, &with("other"), "m", &[]).refused(&[
        "of another sweep",
        "--set is `tasks.huge.cpu=5` here and nothing there",
    ]);
    merged(&place, &with("nowhere"), "m", &[]).refused(&["nowhere is no directory"]);
    place.write("file", "");
    merged(&place, &with("file"), "m", &[]).refused(&["file is no directory"]);
    fs::create_dir(place.path("foreign")).expect("a directory");
    place.write("foreign/manifest.json", "{\"name\": \"a web app\"}");
    merged(&place, &with("foreign"), "m", &[]).refused(&["is no manifest of a sweep"]);
    fs::remove_file(place.path("foreign/manifest.json")).expect("it was there");
    merged(&place, &with("foreign"), "m", &[]).refused(&["it has no manifest.json"]);
    place.write("foreign/sweep.journal", "");
    merged(&place, &with("foreign"), "m", &[]).refused(&["is not finished", "--resume"]);
    assert!(!place.path("m").exists());
}

#[test]
fn another_version_is_not_joined() {
    let place = Place::new();
    let parts = shards(&place, 2);
    let path = place.path(&parts[1]).join("manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    fs::write(&path, text.replace("ecs-sim ", "ecs-sim 99.")).expect("written");
    merged(&place, &parts, "m", &[]).refused(&["the program is ecs-sim 99.", "there"]);
    fs::write(&path, text.replace("\"format\": 1", "\"format\": 2")).expect("written");
    merged(&place, &parts, "m", &[]).refused(&["its format is 2, and this program knows 1"]);
}

#[test]
fn a_file_that_was_cut_or_changed_is_found_out() {
    let place = Place::new();
    let parts = shards(&place, 2);
    let path = place.path(&parts[1]).join("sweep.csv");
    let whole = fs::read_to_string(&path).expect("rows");
    let last = whole.trim_end().rfind('\n').expect("two lines") + 1;
    fs::write(&path, &whole[..last]).expect("written");
    merged(&place, &parts, "m", &[]).refused(&[
        "part-2-of-2/sweep.csv is not the file that the manifest was written for",
        "5 rows, 6 expected",
    ]);
    fs::write(&path, whole.replacen("0.096", "0.097", 1)).expect("written");
    merged(&place, &parts, "m", &[]).refused(&["its SHA-256 is another"]);
    fs::remove_file(&path).expect("it was there");
    merged(&place, &parts, "m", &[]).refused(&["cannot read part-2-of-2/sweep.csv"]);
}

#[test]
fn merge_writes_into_an_empty_directory_that_is_no_input() {
    let place = Place::new();
    let parts = shards(&place, 2);
    merged(&place, &parts, "part-1-of-2", &[]).refused(&["is one of the directories to join"]);
    place.write("taken", "");
    merged(&place, &parts, "taken", &[]).refused(&["taken is not a directory"]);
    merged(&place, &parts, "m", &[]).ok();
    merged(&place, &parts, "m", &[]).refused(&["m is not empty", "--force"]);
    merged(&place, &parts, "m", &["--force"]).ok();
}

#[test]
fn a_shard_is_taken_from_the_variables_of_an_engine() {
    let place = Place::new();
    place.sweep(&["--out", "given", "--shard", "2/3"]).ok();
    let variables = [
        ("SLURM_ARRAY_TASK_ID", "15"),
        ("SLURM_ARRAY_TASK_MIN", "10"),
        ("SLURM_ARRAY_TASK_MAX", "20"),
        ("SLURM_ARRAY_TASK_STEP", "5"),
        ("SLURM_ARRAY_TASK_COUNT", "3"),
    ];
    let mut command = place.command(&["sweep"]);
    command
        .args(&OVER[..OVER.len() - 1])
        .args(["--out", "told", "--shard", "auto"]);
    let ended = super::Ended(command.envs(variables).output().expect("it ends")).ok();
    let said = "note: shard 2/3 by SLURM_ARRAY_TASK_ID=15 (Slurm job array)";
    assert!(ended.err().contains(said), "{}", ended.err());
    assert!(place.all("given") == place.all("told"));
    let mut command = place.command(&["sweep"]);
    command
        .args(OVER)
        .args(["--out", "told-too", "--shard", "auto", "--shards", "3"]);
    command.env("JOB_COMPLETION_INDEX", "1");
    super::Ended(command.output().expect("it ends")).ok();
    assert!(place.all("given") == place.all("told-too"));
}
