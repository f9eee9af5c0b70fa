//! The real binary: exit statuses, messages, files, pipes.

mod capacity;
mod checks;
mod compare;
mod others;
mod pipes;
mod plans;
mod refusals;
mod runs;
mod sweeps;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const SCENARIO: &str = "duration: 1h
containerInstances: [{instanceType: m5.large, count: 2}]
taskDefinitions: [{family: web, containerDefinitions: [{name: c, image: i, cpu: 256, memory: 512}]}]
tasks:
  - {name: t, taskDefinition: web, arrivals: {every: 5m}, runtime: {exponential: {mean: 20m}}}
  - {name: huge, cpu: 9999, memory: 4, arrivals: {at: 0s}}
";

const COMMANDS: [&str; 9] = [
    "run",
    "compare",
    "plan",
    "sweep",
    "merge",
    "validate",
    "catalog",
    "init",
    "completions",
];

/// A directory with a right scenario `s.yaml`, and the binary run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        place.write("s.yaml", SCENARIO);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("written");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ecs-sim"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.command(arguments).output().expect("it starts"))
    }
}

/// How a command ended.
struct Ended(Output);

impl Ended {
    fn status(&self) -> Option<i32> {
        self.0.status.code()
    }

    fn out(&self) -> &str {
        std::str::from_utf8(&self.0.stdout).expect("text")
    }

    fn err(&self) -> &str {
        std::str::from_utf8(&self.0.stderr).expect("text")
    }

    fn ok(self) -> Self {
        assert_eq!(self.status(), Some(0), "{}", self.err());
        self
    }

    /// Done, whatever the checks of the scenario say.
    fn done(self) -> Self {
        assert!(matches!(self.status(), Some(0 | 3)), "{}", self.err());
        self
    }

    /// Refused with status 2, nothing on standard output, each part in the message.
    fn refused(self, parts: &[&str]) -> Self {
        assert_eq!(self.status(), Some(2), "{}{}", self.out(), self.err());
        assert_eq!(self.out(), "");
        assert!(!self.err().contains("panicked"), "{}", self.err());
        for part in parts {
            assert!(self.err().contains(part), "no `{part}` in:\n{}", self.err());
        }
        self
    }
}

/// All files below a directory by their names, with what they hold.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("below")
                    .display()
                    .to_string();
                found.push((name, fs::read(path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}
