//! What makes a sweep itself: rows of two processes belong together when these are equal.

use serde::{Deserialize, Serialize};

use crate::experiment::figures::is_of_interest;

/// Everything that the rows of a sweep depend on, but for the files that the scenario names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The program and its version.
    pub program: String,
    /// The name of the scenario's file, without its directories.
    pub scenario: String,
    /// SHA-256 of its text, in hexadecimal digits.
    pub scenario_sha256: String,
    /// Arguments of `--set`.
    pub sets: Vec<String>,
    /// The argument of `--seed`.
    pub seed: Option<u64>,
    /// The argument of `--strategy`.
    pub strategy: Option<String>,
    /// Arguments of `--over`; none when the scenario's `sweep` is used.
    pub over: Vec<String>,
    /// The paths that vary: columns of the rows.
    pub paths: Vec<String>,
    /// The figures: columns of the rows.
    pub figures: Vec<String>,
    /// How many cells there are.
    pub cells: u64,
    /// How many seeds each is run with.
    pub replications: u64,
    /// How many runs there are.
    pub runs: u64,
}

impl Identity {
    /// What differs between two sweeps, as a clause that tells both sides: `--replications is 3
    /// here and 5 there`.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let list = |texts: &[String]| match texts {
            [] => "nothing".to_owned(),
            texts => format!("`{}`", texts.join(" ")),
        };
        let seed = |seed: Option<u64>| seed.map_or("nothing".to_owned(), |seed| seed.to_string());
        let strategy = |name: &Option<String>| name.clone().unwrap_or("nothing".to_owned());
        let sides = |one: &Self| {
            [
                ("the program", one.program.clone()),
                ("the scenario's file", format!("`{}`", one.scenario)),
                ("--set", list(&one.sets)),
                ("--seed", seed(one.seed)),
                ("--strategy", strategy(&one.strategy)),
                ("--over", list(&one.over)),
                ("what varies", list(&one.paths)),
                ("--replications", one.replications.to_string()),
                ("the list of figures", list(&one.figures)),
                ("the number of cells", one.cells.to_string()),
                ("the number of runs", one.runs.to_string()),
            ]
        };
        let pairs = sides(self).into_iter().zip(sides(other));
        for ((what, here), (_, there)) in pairs {
            if here != there {
                return Some(format!("{what} is {here} here and {there} there"));
            }
        }
        (self.scenario_sha256 != other.scenario_sha256)
            .then(|| format!("the text of `{}` is another", self.scenario))
    }

    /// The arguments of `ecs-sim sweep` that ask for this sweep of a scenario's file.
    pub fn arguments(&self, scenario: &str) -> Vec<String> {
        let mut arguments = vec![scenario.to_owned()];
        let mut add = |name: &str, values: &[String]| {
            for value in values {
                arguments.extend([name.to_owned(), value.clone()]);
            }
        };
        add("--set", &self.sets);
        add(
            "--seed",
            &self
                .seed
                .map(|seed| seed.to_string())
                .into_iter()
                .collect::<Vec<_>>(),
        );
        add("--strategy", self.strategy.as_slice());
        add("--over", &self.over);
        if self.replications != 1 {
            add("--replications", &[self.replications.to_string()]);
        }
        // Those of interest are columns without being asked for.
        let asked = self.figures.iter().filter(|path| !is_of_interest(path));
        add("--figure", &asked.cloned().collect::<Vec<_>>());
        arguments
    }
}
