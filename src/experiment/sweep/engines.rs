//! `--shard auto`: which shard this is, from the variables by which engines of array jobs number
//! their tasks. They are handed in as data: whoever calls reads the environment.

use std::collections::BTreeMap;

use thiserror::Error;

use super::selection::Shard;

/// How many shards there are, where the engine does not say.
pub const SHARDS_VARIABLE: &str = "ECS_SIM_SHARDS";

/// An engine, and how its variables number the tasks of an array.
struct Engine {
    name: &'static str,
    /// The number of the task.
    index: &'static str,
    numbering: Numbering,
}

/// How tasks are numbered.
enum Numbering {
    /// From a fixed first number; a variable may tell how many there are.
    From {
        first: u64,
        count: Option<&'static str>,
    },
    /// As the user asked: variables tell the first, the last and the step.
    Range {
        first: Option<&'static str>,
        last: &'static str,
        step: &'static str,
        count: Option<&'static str>,
    },
}

const fn from(first: u64, count: Option<&'static str>) -> Numbering {
    Numbering::From { first, count }
}

/// In the order of the documentation. Outside arrays some engines leave the variable empty, others
/// set it to `undefined` or, where numbers begin at 1, to 0.
static ENGINES: [Engine; 13] = [
    Engine {
        name: "Slurm job array",
        index: "SLURM_ARRAY_TASK_ID",
        numbering: Numbering::Range {
            first: Some("SLURM_ARRAY_TASK_MIN"),
            last: "SLURM_ARRAY_TASK_MAX",
            step: "SLURM_ARRAY_TASK_STEP",
            count: Some("SLURM_ARRAY_TASK_COUNT"),
        },
    },
    Engine {
        name: "AWS Batch array job",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        numbering: from(0, Some("AWS_BATCH_JOB_ARRAY_SIZE")),
    },
    Engine {
        name: "AWS Batch multi-node job",
        index: "AWS_BATCH_JOB_NODE_INDEX",
        numbering: from(0, Some("AWS_BATCH_JOB_NUM_NODES")),
    },
    Engine {
        name: "Kubernetes Indexed Job",
        index: "JOB_COMPLETION_INDEX",
        numbering: from(0, None),
    },
    Engine {
        name: "Cloud Run job",
        index: "CLOUD_RUN_TASK_INDEX",
        numbering: from(0, Some("CLOUD_RUN_TASK_COUNT")),
    },
    Engine {
        name: "Google Batch job",
        index: "BATCH_TASK_INDEX",
        numbering: from(0, Some("BATCH_TASK_COUNT")),
    },
    Engine {
        name: "PBS array",
        index: "PBS_ARRAY_INDEX",
        numbering: from(1, None),
    },
    Engine {
        name: "Grid Engine array",
        index: "SGE_TASK_ID",
        numbering: Numbering::Range {
            first: Some("SGE_TASK_FIRST"),
            last: "SGE_TASK_LAST",
            step: "SGE_TASK_STEPSIZE",
            count: None,
        },
    },
    Engine {
        name: "LSF array",
        index: "LSB_JOBINDEX",
        numbering: Numbering::Range {
            first: None,
            last: "LSB_JOBINDEX_END",
            step: "LSB_JOBINDEX_STEP",
            count: None,
        },
    },
    Engine {
        name: "GitLab CI parallel job",
        index: "CI_NODE_INDEX",
        numbering: from(1, Some("CI_NODE_TOTAL")),
    },
    Engine {
        name: "Buildkite parallel job",
        index: "BUILDKITE_PARALLEL_JOB",
        numbering: from(0, Some("BUILDKITE_PARALLEL_JOB_COUNT")),
    },
    Engine {
        name: "CircleCI parallel job",
        index: "CIRCLE_NODE_INDEX",
        numbering: from(0, Some("CIRCLE_NODE_TOTAL")),
    },
    Engine {
        name: "GNU parallel",
        index: "PARALLEL_SEQ",
        numbering: from(1, None),
    },
];

/// A shard that an engine told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Which one.
    pub shard: Shard,
    /// What it was told by, for people: `SLURM_ARRAY_TASK_ID=3 (Slurm job array)`.
    pub source: String,
}

/// Why the environment tells no shard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{problem}\nhelp: {help}")]
pub struct DetectionError {
    problem: String,
    help: String,
}

const GIVE_IT: &str = "give the shard yourself, for instance `--shard 3/16`";

fn refused<T>(problem: String, help: impl Into<String>) -> Result<T, DetectionError> {
    let help = help.into();
    Err(DetectionError { problem, help })
}

/// The variables that [`detect`] looks at.
pub fn variables() -> Vec<&'static str> {
    let mut names = vec![SHARDS_VARIABLE];
    for engine in &ENGINES {
        names.push(engine.index);
        match engine.numbering {
            Numbering::From { count, .. } => names.extend(count),
            Numbering::Range {
                first,
                last,
                step,
                count,
            } => names.extend(first.into_iter().chain([last, step]).chain(count)),
        }
    }
    names
}

/// The shard that the environment tells of. `count` is how many there are, where the user has said
/// it.
///
/// # Errors
/// When no engine tells of one, or several do, or what they tell does not fit together.
pub fn detect(
    environment: &BTreeMap<String, String>,
    count: Option<u64>,
) -> Result<Detected, DetectionError> {
    let environment = Environment(environment);
    let engine = environment.engine()?;
    let shown = environment.shown(engine.index);
    let index = environment.number(engine.index)?.unwrap_or_default();
    let (rank, told) = match engine.numbering {
        Numbering::From { first, count } => from_first(engine, (index, first), count, environment)?,
        Numbering::Range { .. } => within_range(engine, index, environment)?,
    };
    let count = match (told, environment.said(count)?) {
        (Some(told), Some((name, said))) if told != said => {
            return refused(
                format!(
                    "{name} says {said} shards, the {} says {told} ({shown})",
                    engine.name
                ),
                "leave one of them out, or make them the same; when only some tasks run again, \
                 give each its shard by hand",
            );
        }
        (Some(count), _) | (None, Some((_, count))) => count,
        (None, None) => {
            return refused(
                format!(
                    "{shown} ({}) does not say how many shards there are",
                    engine.name
                ),
                format!("add `--shards N`, or set {SHARDS_VARIABLE}"),
            );
        }
    };
    match Shard::new(rank + 1, count) {
        Ok(shard) => Ok(Detected {
            shard,
            source: format!("{shown} ({})", engine.name),
        }),
        Err(error) => refused(
            format!(
                "{shown} ({}) and {count} shards do not fit: {error}",
                engine.name
            ),
            GIVE_IT,
        ),
    }
}

/// The place in the array, from 0, and how many tasks it has, if that is known.
type Place = (u64, Option<u64>);

fn from_first(
    engine: &Engine,
    (index, first): (u64, u64),
    count: Option<&'static str>,
    environment: Environment<'_>,
) -> Result<Place, DetectionError> {
    let Some(rank) = index.checked_sub(first) else {
        let shown = environment.shown(engine.index);
        return refused(
            format!(
                "{shown}, but the tasks of a {} are numbered from {first}",
                engine.name
            ),
            GIVE_IT,
        );
    };
    let told = match count {
        Some(name) => environment.number(name)?,
        None => None,
    };
    Ok((rank, told))
}

fn within_range(
    engine: &Engine,
    index: u64,
    environment: Environment<'_>,
) -> Result<Place, DetectionError> {
    let Numbering::Range {
        first,
        last,
        step,
        count,
    } = engine.numbering
    else {
        return Ok((index, None));
    };
    let low = match first {
        Some(name) => environment.required(name, engine)?,
        None => 1,
    };
    let high = environment.required(last, engine)?;
    // An array of one task has no step.
    let step = environment.number(step)?.unwrap_or(1).max(1);
    let is_within = (low..=high).contains(&index) && (index - low).is_multiple_of(step);
    let tasks = high.saturating_sub(low) / step + 1;
    let told = match count {
        Some(name) => environment.number(name)?.unwrap_or(tasks),
        None => tasks,
    };
    if !is_within || told != tasks {
        let shown = environment.shown(engine.index);
        let problem = format!(
            "the {} is not numbered evenly: {shown}, first {low}, last {high}, step {step}, {told} \
             tasks",
            engine.name
        );
        return refused(
            problem,
            format!("number its tasks without holes, or {GIVE_IT}"),
        );
    }
    Ok(((index - low) / step, Some(tasks)))
}

#[derive(Clone, Copy)]
struct Environment<'a>(&'a BTreeMap<String, String>);

impl Environment<'_> {
    /// The one engine that tells of an array.
    fn engine(self) -> Result<&'static Engine, DetectionError> {
        let found: Vec<&Engine> = ENGINES.iter().filter(|engine| self.tells(engine)).collect();
        match found.as_slice() {
            [engine] => Ok(engine),
            [] => {
                let known: Vec<&str> = ENGINES.iter().map(|engine| engine.index).collect();
                refused(
                    "`--shard auto` found no variable of an array job".to_owned(),
                    format!("{GIVE_IT}; it looks for {}", known.join(", ")),
                )
            }
            several => {
                let names = several.iter().map(|engine| self.shown(engine.index));
                let names: Vec<String> = names.collect();
                let (count, names) = (several.len(), names.join(", "));
                refused(
                    format!("`--shard auto` found variables of {count} engines: {names}"),
                    GIVE_IT,
                )
            }
        }
    }

    /// The number of shards that the user has said, and where.
    fn said(self, count: Option<u64>) -> Result<Option<(&'static str, u64)>, DetectionError> {
        match count {
            Some(count) => Ok(Some(("--shards", count))),
            None => Ok(self
                .number(SHARDS_VARIABLE)?
                .map(|count| (SHARDS_VARIABLE, count))),
        }
    }

    /// Whether this process is a task of an array of this engine.
    fn tells(self, engine: &Engine) -> bool {
        let Some(value) = self.0.get(engine.index) else {
            return false;
        };
        let from_one = engine.index == "LSB_JOBINDEX";
        !(value.is_empty() || value == "undefined" || from_one && value == "0")
    }

    fn shown(self, name: &str) -> String {
        let value = self.0.get(name).map_or("", String::as_str);
        format!("{name}={value}")
    }

    fn number(self, name: &str) -> Result<Option<u64>, DetectionError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        if value.is_empty() || value == "undefined" {
            return Ok(None);
        }
        match value.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => refused(format!("{} is not a number", self.shown(name)), GIVE_IT),
        }
    }

    fn required(self, name: &str, engine: &Engine) -> Result<u64, DetectionError> {
        match self.number(name)? {
            Some(number) => Ok(number),
            None => refused(
                format!(
                    "{} is set, and {name}, which the {} sets too, is not",
                    self.shown(engine.index),
                    engine.name
                ),
                GIVE_IT,
            ),
        }
    }
}

#[cfg(test)]
mod tests;
