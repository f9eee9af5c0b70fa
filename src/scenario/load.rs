//! From a file to a checked scenario.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::placement::StrategySpec;

use super::check::{Environment, check, nearest_file, read_sweep, reason};
use super::diagnostics::{Diagnostics, LoadError, Place, SourceId};
use super::node::Node;
use super::spec::Scenario;
use super::sweep::Sweep;
use super::{overlay, variants, yaml};

/// What the command line changes in a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// `PATH=VALUE` or `PATH+=VALUE`, applied in this order before anything is checked.
    pub sets: Vec<String>,
    /// Name of one of the scenario's `variants`; its changes are made after `sets`, and its
    /// strategy goes before `strategy`.
    pub variant: Option<String>,
    /// Replaces `seed`.
    pub seed: Option<u64>,
    /// Replaces the placement strategy of every entry that does not name its instances.
    pub strategy: Option<Vec<StrategySpec>>,
    /// Names of strategies of one's own that the scenario may use beside ECS's and this crate's:
    /// those under which the caller registers them in
    /// [`Strategies`](crate::placement::strategies::Strategies).
    pub strategy_names: Vec<String>,
}

/// A scenario that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What its `sweep` varies.
    pub sweep: Option<Sweep>,
    /// The files that it names, as they are written and where they lie.
    pub files: BTreeMap<String, PathBuf>,
    /// What is legal but perhaps not meant.
    pub warnings: Diagnostics,
}

/// A scenario's file, read once, so that it can be checked many times with other options: each
/// variant of an experiment sees the same text, whatever becomes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioFile {
    /// What is shown as its file.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What files that the scenario names are relative to.
    pub base_dir: PathBuf,
}

impl ScenarioFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, is too large or is no text.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let name = path.display().to_string();
        let mut diagnostics = Diagnostics::default();
        let Some(text) = read_file(path, &name, &mut diagnostics) else {
            return Err(LoadError(diagnostics));
        };
        let base_dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(Self {
            name,
            text,
            base_dir,
        })
    }

    /// Checks it.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn load(&self, options: &LoadOptions) -> Result<Loaded, LoadError> {
        load_text(&self.text, &self.name, &self.base_dir, options)
    }
}

/// Reads and checks a scenario's file.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, LoadError> {
    ScenarioFile::read(path)?.load(options)
}

/// Checks a scenario's text. `name` is shown as its file, and its stem is the default of the
/// scenario's `name`; files that the scenario names are relative to `base_dir`.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn load_text(
    text: &str,
    name: &str,
    base_dir: &Path,
    options: &LoadOptions,
) -> Result<Loaded, LoadError> {
    let mut diagnostics = Diagnostics::default();
    let source = diagnostics.add_source(name, text.to_owned());
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str());
    let scenario = read_document(text, source, &mut diagnostics).and_then(|mut root| {
        for set in &options.sets {
            overlay::apply(&mut root, set, &mut diagnostics);
        }
        let variant = options.variant.as_deref();
        let strategy = variant.and_then(|name| variants::apply(&mut root, name, &mut diagnostics));
        let environment = Environment {
            base_dir,
            default_name: stem.unwrap_or("scenario"),
            seed: options.seed,
            strategy: strategy.as_deref().or(options.strategy.as_deref()),
            strategy_names: &options.strategy_names,
        };
        let sweep = read_sweep(&root, &mut diagnostics);
        check(&root, &environment, &mut diagnostics).map(|scenario| (scenario, sweep))
    });
    diagnostics.drop_what_may_follow();
    match scenario {
        Some((scenario, sweep)) if !diagnostics.has_errors() => Ok(Loaded {
            scenario,
            sweep,
            files: diagnostics.take_files(),
            warnings: diagnostics,
        }),
        _ => Err(LoadError(diagnostics)),
    }
}

fn read_document(text: &str, source: SourceId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let start = Place {
        source,
        start: 0,
        end: 0,
    };
    if let Some(at) = text.find('\0') {
        let place = Place {
            source,
            start: at,
            end: at,
        };
        diagnostics
            .error(place, "this is a binary file, not a scenario in YAML")
            .label("a zero byte");
        return None;
    }
    let before = diagnostics.len();
    let root = yaml::parse(text, source, 0, diagnostics);
    match root {
        Some(root) if !root.is_null() => Some(root),
        _ => {
            if diagnostics.len() == before {
                diagnostics
                    .error(start, "the scenario is empty")
                    .help("a scenario needs at least `duration: 24h`; `ecs-sim init` writes one");
            }
            None
        }
    }
}

/// The text of a file, within the limit of size.
pub(super) fn read_file(path: &Path, name: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    let fail = |error: &std::io::Error, diagnostics: &mut Diagnostics| {
        let near = nearest_file(path);
        diagnostics
            .error_without_place(format!("cannot read `{name}`: {}", reason(error)))
            .nearest(
                near.as_deref()
                    .filter(|_| error.kind() == std::io::ErrorKind::NotFound),
            );
    };
    let limit = u64::try_from(yaml::MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        fail(&error, diagnostics);
        return None;
    }
    if bytes.len() > yaml::MAX_BYTES {
        diagnostics.error_without_place(format!(
            "`{name}` is larger than {} bytes (16 MiB), the limit for a scenario",
            yaml::MAX_BYTES
        ));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            diagnostics
                .error_without_place(format!(
                    "`{name}` is not a text file: byte {at} is not UTF-8"
                ))
                .help("a scenario is YAML in UTF-8");
            None
        }
    }
}
