//! The documents tell the truth: every scenario in them loads, every command in them runs, and
//! what they show as output or as code is what the program prints and what the file holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ecs_sim::scenario::{LoadOptions, load_text};

use crate::markdown::{Block, blocks};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages, by their paths.
fn pages() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md"]
        .iter()
        .map(|name| root().join(name))
        .collect();
    let docs = fs::read_dir(root().join("docs")).expect("there are documents");
    paths.extend(docs.map(|entry| entry.expect("an entry").path()));
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.sort();
    let page = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a page is UTF-8");
        (path.display().to_string(), text)
    };
    paths.iter().map(page).collect()
}

fn blocks_of(languages: &[&str]) -> Vec<(String, Block)> {
    let mut found = Vec::new();
    for (path, text) in pages() {
        let blocks = blocks(&text).into_iter();
        let wanted = blocks.filter(|block| languages.contains(&block.language.as_str()));
        found.extend(wanted.map(|block| (path.clone(), block)));
    }
    found
}

/// A directory with the files that scenarios and commands of the documents name.
fn workplace() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let copy = |from: &str, to: &str| {
        fs::copy(root().join(from), place.path().join(to)).expect("a copy");
    };
    copy(
        "tests/fixtures/task-definitions/bridge-web.json",
        "web.json",
    );
    copy("scenarios/quickstart.yaml", "my.yaml");
    let trace = "submit_s,duration_s,cpu,memory\n0,60,256,512\n1.5,,256,512\n";
    fs::write(place.path().join("jobs.csv"), trace).expect("a trace");
    let load = "time,requests\n2026-01-05T00:00:00Z,600\n2026-01-05T00:01:00Z,1200\n";
    fs::write(place.path().join("load.csv"), load).expect("a load");
    fs::create_dir(place.path().join("scenarios")).expect("a directory");
    for entry in fs::read_dir(root().join("scenarios")).expect("there are scenarios") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("UTF-8");
        copy(&format!("scenarios/{name}"), &format!("scenarios/{name}"));
    }
    place
}

#[test]
fn every_scenario_in_the_documents_loads_without_a_warning() {
    let place = workplace();
    let blocks = blocks_of(&["yaml"]);
    assert!(
        blocks.len() > 10,
        "only {} scenarios were found",
        blocks.len()
    );
    for (path, block) in blocks {
        let (name, mut text) = (format!("{path}:{}", block.line), block.text);
        if !text.lines().any(|line| line.starts_with("duration:")) {
            text.push_str("duration: 24h\n");
        }
        match load_text(&text, &name, place.path(), &LoadOptions::default()) {
            Ok(loaded) => {
                let warnings = loaded.warnings.render(false);
                assert!(loaded.warnings.is_empty(), "{name}:\n{text}\n{warnings}");
            }
            Err(error) => panic!("{name}:\n{text}\n{}", error.render(false)),
        }
    }
}

/// The words of a command line: blanks part them, single quotes hold them together, a `#` that
/// begins a word begins a comment.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut in_quotes) = (Vec::new(), None::<String>, false);
    for character in line.chars() {
        match character {
            '\'' => {
                in_quotes = !in_quotes;
                word.get_or_insert_default();
            }
            '#' if !in_quotes && word.is_none() => break,
            ' ' if !in_quotes => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Arguments for the program, and the file that its output goes to. `None` for other commands.
fn arguments(line: &str) -> Option<(Vec<String>, Option<String>)> {
    let mut words = words(line);
    let start = match words.first().map(String::as_str) {
        Some("ecs-sim") => 1,
        Some("cargo") => words.iter().position(|word| word == "--")? + 1,
        _ => return None,
    };
    if let Some(pipe) = words.iter().position(|word| word == "|") {
        words.truncate(pipe);
    }
    let target = words.iter().position(|word| word == ">").map(|at| {
        let target = words[at + 1].clone();
        words.truncate(at);
        target
    });
    Some((words.split_off(start), target))
}

/// Runs the program in a directory.
fn start(place: &Path, arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ecs-sim"))
        .args(arguments)
        .current_dir(place)
        .output()
        .expect("the program starts")
}

/// Runs the program in a directory to its good end; its standard output.
fn run(place: &Path, arguments: &[String]) -> String {
    let output = start(place, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    // Comparisons show that some variants hold the checks and others do not.
    let is_compared = arguments
        .first()
        .is_some_and(|command| command == "compare");
    assert!(
        output.status.success() || (is_compared && output.status.code() == Some(3)),
        "ecs-sim {arguments:?}: {}\n{errors}",
        output.status
    );
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

/// What a block whose input is not here can show: that its arguments are understood.
fn is_understood(place: &Path, arguments: &[String]) {
    let errors = start(place, arguments).stderr;
    let errors = String::from_utf8_lossy(&errors);
    assert!(
        errors.starts_with("error: cannot read "),
        "ecs-sim {arguments:?}: {errors}"
    );
}

#[test]
fn every_command_in_the_documents_runs() {
    let mut count = 0;
    for (path, block) in blocks_of(&["sh"]) {
        let place = workplace();
        let text = block.text.replace("|\n", "| ").replace("\\\n", "");
        for line in text.lines() {
            let Some((arguments, target)) = arguments(line) else {
                let known = ["cargo ", "git ", ".ci/run", "rustup ", "#"];
                assert!(
                    known.iter().any(|start| line.starts_with(start)),
                    "{path}: {line}"
                );
                continue;
            };
            count += 1;
            if block.before.starts_with("<!-- not run: ") {
                is_understood(place.path(), &arguments);
                continue;
            }
            let output = run(place.path(), &arguments);
            if let Some(target) = target {
                fs::write(place.path().join(target), output).expect("a file");
            }
        }
    }
    assert!(count > 10, "only {count} commands were found");
}

#[test]
fn commands_are_split_as_a_shell_splits_them() {
    let said = "ecs-sim run a.yaml --set 'tasks.a b.group=x y' | head  # a comment";
    let expected = ["run", "a.yaml", "--set", "tasks.a b.group=x y"].map(str::to_owned);
    assert_eq!(arguments(said), Some((expected.to_vec(), None)));
    let said = "cargo run --release -- init > my.yaml";
    let target = Some("my.yaml".to_owned());
    assert_eq!(arguments(said), Some((vec!["init".to_owned()], target)));
    assert_eq!(arguments("cargo test"), None);
}

/// The command in the comment before a block or a picture: `<!-- ecs-sim run ... -->`.
fn comment(line: &str) -> Option<Vec<String>> {
    let command = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    arguments(command).map(|(arguments, _)| arguments)
}

#[test]
fn what_the_documents_show_is_what_the_program_prints() {
    let place = workplace();
    let mut count = 0;
    for (path, block) in blocks_of(&["text"]) {
        let Some(arguments) = comment(&block.before) else {
            continue;
        };
        let printed = run(place.path(), &arguments);
        let line = block.line;
        assert_eq!(
            block.text, printed,
            "{path}:{line} is not what is printed now"
        );
        count += 1;
    }
    assert!(count > 0, "no output is shown");
}

/// The pictures of a page with the commands in the comments before them.
fn pictures(text: &str) -> Vec<(Vec<String>, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter_map(|pair| {
        let file = pair[1].strip_prefix("![")?.split(['(', ')']).nth(1)?;
        Some((comment(pair[0])?, file.to_owned()))
    });
    pairs.collect()
}

#[test]
fn the_pictures_in_the_documents_are_those_that_the_program_draws() {
    let mut count = 0;
    for (path, text) in pages() {
        let directory = Path::new(&path).parent().expect("a directory");
        for (arguments, file) in pictures(&text) {
            let place = workplace();
            run(place.path(), &arguments);
            let name = file.rsplit('/').next().expect("a name");
            let drawn = fs::read(place.path().join("results/plots").join(name)).expect("a plot");
            let shown = fs::read(directory.join(&file)).expect("the picture is there");
            assert!(
                drawn == shown,
                "{path}: {file} is not what is drawn now: copy results/plots/{name} there"
            );
            count += 1;
        }
    }
    assert!(count > 1, "only {count} pictures are shown");
}

#[test]
fn the_strategy_in_contributing_is_the_example() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("a page");
    let example = fs::read_to_string(root().join("examples/custom_strategy.rs")).expect("a file");
    let shown = blocks(&page)
        .into_iter()
        .find(|block| block.language == "rust");
    assert_eq!(shown.expect("a Rust block").text, example);
}

/// Every key of a JSON document, but for those that a run's own names make.
fn keys_of(value: &serde_json::Value, found: &mut Vec<String>) {
    let serde_json::Value::Object(entries) = value else {
        if let serde_json::Value::Array(items) = value {
            for item in items {
                keys_of(item, found);
            }
        }
        return;
    };
    for (key, below) in entries {
        found.push(key.clone());
        let names = key.starts_with("by") || ["failures", "strategyByEntry"].contains(&&**key);
        match below {
            serde_json::Value::Object(named) if names => {
                for below in named.values() {
                    keys_of(below, found);
                }
            }
            _ => keys_of(below, found),
        }
    }
}

#[test]
fn every_key_and_column_of_the_outputs_is_documented() {
    let place = workplace();
    let printed = run(
        place.path(),
        &["run", "my.yaml", "--out", "o", "--format", "json"].map(str::to_owned),
    );
    let mut names = Vec::new();
    keys_of(&serde_json::from_str(&printed).expect("JSON"), &mut names);
    let checks = [
        "run",
        "scenarios/compare-strategies.yaml",
        "--format",
        "json",
    ];
    let checks = run(place.path(), &checks.map(str::to_owned));
    keys_of(&serde_json::from_str(&checks).expect("JSON"), &mut names);
    let compare = [
        "compare",
        "my.yaml",
        "--variant",
        "x:seed=3",
        "--precision",
        "50%",
    ];
    let compare = [
        &compare[..],
        &["--replications", "2", "--max-replications", "3"],
    ]
    .concat();
    let compare = [&compare[..], &["--format", "json", "--out", "c"]].concat();
    let compare: Vec<String> = compare.into_iter().map(str::to_owned).collect();
    let compared = run(place.path(), &compare);
    keys_of(&serde_json::from_str(&compared).expect("JSON"), &mut names);
    for file in ["o/tasks.csv", "o/instances.csv", "o/timeseries.csv"] {
        let text = fs::read_to_string(place.path().join(file)).expect("a file");
        let header = text.lines().next().expect("a header");
        names.extend(header.split(',').map(str::to_owned));
    }
    assert!(names.len() > 100, "{names:?}");
    let page = fs::read_to_string(root().join("docs/outputs.md")).expect("a page");
    let sections = ["tasks", "placement", "utilization", "instances", "cost"];
    names.retain(|name| !page.contains(&format!("`{name}`")) && !sections.contains(&&**name));
    assert!(
        names.is_empty(),
        "docs/outputs.md says nothing of {names:?}"
    );
}

/// The sources below a directory.
fn sources(directory: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else {
            texts.push(fs::read_to_string(path).expect("a source"));
        }
    }
    texts
}

#[test]
fn every_key_of_a_scenario_is_documented() {
    let entries = fs::read_dir(root().join("docs")).expect("a directory of pages");
    let pages = entries.map(|entry| entry.expect("an entry").path());
    let pages = pages.filter(|path| path.is_file());
    let pages: String = pages
        .map(|path| fs::read_to_string(path).expect("a page"))
        .collect();
    let (mut count, mut missing) = (0, Vec::new());
    for text in sources(&root().join("src/scenario/check")) {
        for rest in text.split("KEYS: [&str; ").skip(1) {
            let list = rest.split_once(';').expect("the list ends").0;
            for key in list.split('"').skip(1).step_by(2) {
                count += 1;
                if !pages.contains(&format!("`{key}`")) && !pages.contains(&format!("`{key}.")) {
                    missing.push(key.to_owned());
                }
            }
        }
    }
    assert!(count > 200, "only {count} keys were found");
    assert!(missing.is_empty(), "the pages say nothing of {missing:?}");
}
