//! The variants of an experiment: one scenario's file, checked with different changes.

use thiserror::Error;

use crate::scenario::{
    Diagnostics, LoadError, LoadOptions, Scenario, ScenarioFile, parse_strategy_chain,
};
use crate::units::nearest;

/// What `all` stands for among strategies: ECS's own, and the chain that its documentation shows.
pub const ALL_STRATEGIES: [&str; 6] = [
    "spread-az",
    "spread-instance",
    "binpack-cpu",
    "binpack-memory",
    "random",
    "spread-az+binpack-memory",
];

/// The name of the scenario as it is written, beside a variant that would stand alone.
pub const AS_WRITTEN: &str = "as-written";

/// How a variant differs from the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// In nothing.
    None,
    /// It is the scenario's own variant of this name.
    Named,
    /// By these `PATH=VALUE` and `PATH+=VALUE`.
    Sets(Vec<String>),
    /// By the placement strategy that the variant's name says.
    Strategy,
}

/// A variant that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantSpec {
    /// Its name in the results.
    pub name: String,
    /// What makes it.
    pub change: Change,
}

/// A variant that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its scenario.
    pub scenario: Scenario,
    /// What is legal in it and perhaps not meant.
    pub warnings: Diagnostics,
}

/// Why variants cannot be had.
#[derive(Debug, Error)]
pub enum VariantError {
    /// An argument is not understood.
    #[error("error: {0}")]
    Argument(String),
    /// The scenario of a variant is wrong.
    #[error("in the variant `{name}`:\n{source}")]
    Scenario {
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: LoadError,
    },
}

impl VariantError {
    /// The message, with colours when they are wanted.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Argument(_) => self.to_string(),
            Self::Scenario { name, source } => {
                format!("in the variant `{name}`:\n{}", source.render(color))
            }
        }
    }
}

impl VariantSpec {
    /// Reads `NAME:PATH=VALUE,PATH=VALUE`, or `NAME` alone for the scenario's variant of this
    /// name. Commas within brackets, braces and quotation marks belong to the value.
    ///
    /// # Errors
    /// What is wrong, and how it is written.
    pub fn parse(text: &str) -> Result<Self, VariantError> {
        let wrong = |problem: &str| {
            VariantError::Argument(format!(
                "`--variant {text}`: {problem}\n\
                 help: for instance `--variant more:containerInstances.0.count=5,seed=3`"
            ))
        };
        let (name, changes) = match text.split_once(':') {
            Some((name, changes)) => (name.trim(), Some(changes)),
            None => (text.trim(), None),
        };
        if name.is_empty() {
            return Err(wrong("it has no name"));
        }
        if name.contains('=') {
            return Err(wrong("expected NAME:PATH=VALUE,..."));
        }
        let change = match changes {
            None => Change::Named,
            Some(changes) if changes.trim().is_empty() => Change::None,
            Some(changes) => {
                let sets = split_at_commas(changes)
                    .ok_or_else(|| wrong("a bracket, a brace or a quotation mark is not closed"))?;
                if sets.iter().any(|set| !set.contains('=')) {
                    return Err(wrong("expected NAME:PATH=VALUE,..."));
                }
                Change::Sets(sets)
            }
        };
        Ok(Self {
            name: name.to_owned(),
            change,
        })
    }

    /// Reads `spread-az,binpack-cpu,all`: a variant a strategy, each once.
    ///
    /// # Errors
    /// Of a strategy that is not known, with the nearest name.
    pub fn parse_strategies(list: &str) -> Result<Vec<Self>, VariantError> {
        let mut specs: Vec<Self> = Vec::new();
        let names = list.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let chains: &[&str] = if name == "all" {
                &ALL_STRATEGIES
            } else {
                &[name]
            };
            for chain in chains {
                parse_strategy_chain(chain).map_err(VariantError::Argument)?;
                let spec = Self {
                    name: (*chain).to_owned(),
                    change: Change::Strategy,
                };
                if !specs.contains(&spec) {
                    specs.push(spec);
                }
            }
        }
        if specs.is_empty() {
            let problem = "`--strategies` names none\nhelp: for instance `--strategies all`";
            return Err(VariantError::Argument(problem.to_owned()));
        }
        Ok(specs)
    }

    fn options(&self, common: &LoadOptions) -> Result<LoadOptions, VariantError> {
        let mut options = common.clone();
        match &self.change {
            Change::None => {}
            Change::Named => options.variant = Some(self.name.clone()),
            Change::Sets(sets) => options.sets.extend(sets.iter().cloned()),
            Change::Strategy => {
                let chain = parse_strategy_chain(&self.name).map_err(VariantError::Argument)?;
                options.strategy = Some(chain);
            }
        }
        Ok(options)
    }

    /// Loads the variant; what is common to all is applied first.
    ///
    /// # Errors
    /// When its scenario is wrong.
    pub fn load(&self, file: &ScenarioFile, common: &LoadOptions) -> Result<Variant, VariantError> {
        let loaded = file.load(&self.options(common)?);
        let loaded = loaded.map_err(|source| VariantError::Scenario {
            name: self.name.clone(),
            source,
        })?;
        Ok(Variant {
            name: self.name.clone(),
            scenario: loaded.scenario,
            warnings: loaded.warnings,
        })
    }
}

/// The variants that are to be compared: those asked for, else the scenario's own. One that would
/// stand alone gets the scenario as it is written before it.
///
/// # Errors
/// When there are none, two have the same name, or the scenario has none of a name.
pub fn complete(
    asked: Vec<VariantSpec>,
    scenario: &Scenario,
) -> Result<Vec<VariantSpec>, VariantError> {
    let mut specs = asked;
    if specs.is_empty() {
        specs.extend(scenario.variants.iter().map(|name| VariantSpec {
            name: name.clone(),
            change: Change::Named,
        }));
    }
    if specs.is_empty() {
        return Err(VariantError::Argument(
            "there is nothing to compare: the scenario has no `variants`\n\
             help: `--strategies all` compares placement strategies\n\
             help: `--variant more:containerInstances.0.count=5` compares one with the scenario"
                .to_owned(),
        ));
    }
    let own = |name: &String| scenario.variants.contains(name);
    let unknown = specs
        .iter()
        .find(|spec| spec.change == Change::Named && !own(&spec.name));
    if let Some(VariantSpec { name, .. }) = unknown {
        return Err(unknown_variant(name, &scenario.variants));
    }
    if let [alone] = specs.as_slice() {
        if alone.change == Change::None {
            return Err(VariantError::Argument(format!(
                "there is nothing to compare `{}` with: it changes nothing",
                alone.name
            )));
        }
        specs.insert(
            0,
            VariantSpec {
                name: AS_WRITTEN.to_owned(),
                change: Change::None,
            },
        );
    }
    for (place, spec) in specs.iter().enumerate() {
        if specs[..place].iter().any(|other| other.name == spec.name) {
            return Err(VariantError::Argument(format!(
                "two variants have the name `{}`",
                spec.name
            )));
        }
    }
    Ok(specs)
}

fn unknown_variant(name: &str, known: &[String]) -> VariantError {
    let near = nearest(name, known.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| {
        format!("help: did you mean `{near}`?\n")
    });
    VariantError::Argument(format!(
        "the scenario has no variant `{name}`\n{near}\
         help: `--variant {name}:` is the scenario as it is, `--variant {name}:PATH=VALUE,...` \
         changes it"
    ))
}

/// The place of the variant that the others are compared with: the first, when none is named.
///
/// # Errors
/// When none has the name.
pub fn baseline(specs: &[VariantSpec], name: Option<&str>) -> Result<usize, VariantError> {
    let Some(wanted) = name else { return Ok(0) };
    let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    names
        .iter()
        .position(|name| *name == wanted)
        .ok_or_else(|| {
            let help = match nearest(wanted, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the variants are {}", names.join(", ")),
            };
            VariantError::Argument(format!(
                "no variant `{wanted}` for `--baseline`\nhelp: {help}"
            ))
        })
}

/// The parts of a list between commas that stand outside brackets, braces and quotation marks;
/// `None` when one of these is not closed. Empty parts are left out.
pub fn split_at_commas(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quote) = (0_u32, None::<char>);
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.checked_sub(1)?,
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(character);
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    (depth == 0 && quote.is_none()).then(|| parts.filter(|part| !part.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Change, VariantSpec, baseline, complete, split_at_commas};
    use crate::scenario::{LoadOptions, ScenarioFile};

    fn file(text: &str) -> ScenarioFile {
        ScenarioFile {
            name: "s.yaml".to_owned(),
            text: format!(
                "duration: 1h\ncontainerInstances: [{{instanceType: m5.large, count: 2}}]\n\
                 tasks: [{{name: t, cpu: 1, memory: 6, arrivals: {{at: 0s}}}}]\n{text}"
            ),
            base_dir: PathBuf::new(),
        }
    }

    fn names(specs: &[VariantSpec]) -> Vec<&str> {
        specs.iter().map(|spec| spec.name.as_str()).collect()
    }

    #[test]
    fn commas_within_brackets_and_quotes_do_not_split() {
        let split = |text: &str| split_at_commas(text).map(|parts| parts.join(" | "));
        assert_eq!(split("a=1,b=2").as_deref(), Some("a=1 | b=2"));
        assert_eq!(
            split("a=[1,2],b={c: 3, d: [4]}").as_deref(),
            Some("a=[1,2] | b={c: 3, d: [4]}")
        );
        assert_eq!(
            split("a=\"x,y\",b='p,q'").as_deref(),
            Some("a=\"x,y\" | b='p,q'")
        );
        assert_eq!(split("a=1,").as_deref(), Some("a=1"));
        for open in ["a=[1", "a={b", "a=\"x", "a=1]"] {
            assert_eq!(split(open), None, "{open}");
        }
    }

    #[test]
    fn arguments_are_read_or_refused_with_an_example() {
        let read = |text: &str| VariantSpec::parse(text).map(|spec| (spec.name, spec.change));
        let sets = Change::Sets(vec!["a.b=1".to_owned(), "c+={d: e}".to_owned()]);
        assert_eq!(
            read("more:a.b=1,c+={d: e}").unwrap(),
            ("more".to_owned(), sets)
        );
        assert_eq!(read("mine").unwrap(), ("mine".to_owned(), Change::Named));
        assert_eq!(read("now:").unwrap(), ("now".to_owned(), Change::None));
        for (text, said) in [
            (":a=1", "`--variant :a=1`: it has no name"),
            ("a.b=1", "`--variant a.b=1`: expected NAME:PATH=VALUE,..."),
            ("x:a", "`--variant x:a`: expected NAME:PATH=VALUE,..."),
            (
                "x:a=[1",
                "`--variant x:a=[1`: a bracket, a brace or a quotation mark is not closed",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("error: {said}\nhelp: for instance")),
                "{error}"
            );
        }
    }

    #[test]
    fn strategies_are_variants_each_once() {
        let specs = VariantSpec::parse_strategies("random,all,binpack-cpu").unwrap();
        let expected = [
            "random",
            "spread-az",
            "spread-instance",
            "binpack-cpu",
            "binpack-memory",
            "spread-az+binpack-memory",
        ];
        assert_eq!(names(&specs), expected);
        let with_gaps = VariantSpec::parse_strategies(" random, ,").unwrap();
        assert_eq!(names(&with_gaps), ["random"]);
        let none = VariantSpec::parse_strategies(",").unwrap_err().to_string();
        assert!(none.contains("names none"), "{none}");
        let error = VariantSpec::parse_strategies("spread-az,binpak-cpu").unwrap_err();
        assert!(
            error.to_string().contains("did you mean `binpack-cpu`?"),
            "{error}"
        );
    }

    #[test]
    fn the_scenarios_own_variants_are_the_last_resort() {
        let text = "variants: [{name: few, set: {containerInstances.0.count: 1}}, {name: pack, strategy: binpack-cpu}]";
        let file = file(text);
        let scenario = file.load(&LoadOptions::default()).unwrap().scenario;
        let specs = complete(Vec::new(), &scenario).unwrap();
        assert_eq!(names(&specs), ["few", "pack"]);
        let loaded: Vec<_> = specs
            .iter()
            .map(|spec| spec.load(&file, &LoadOptions::default()).unwrap().scenario)
            .collect();
        assert_eq!(loaded[0].container_instances[0].count, 1);
        assert_eq!(loaded[1].container_instances[0].count, 2);
        assert!(loaded[0].tasks[0].placement_strategy.is_empty());
        assert_eq!(loaded[1].tasks[0].placement_strategy.len(), 1);

        let one = vec![VariantSpec::parse("x:seed=3").unwrap()];
        assert_eq!(
            names(&complete(one, &scenario).unwrap()),
            ["as-written", "x"]
        );
        let twice = vec![
            VariantSpec::parse("x:seed=3").unwrap(),
            VariantSpec::parse("x:").unwrap(),
        ];
        let error = complete(twice, &scenario).unwrap_err().to_string();
        assert_eq!(error, "error: two variants have the name `x`");
        let same = vec![VariantSpec::parse("x:").unwrap()];
        assert!(complete(same, &scenario).is_err());
    }

    #[test]
    fn a_scenario_without_variants_leaves_nothing_to_compare() {
        let scenario = file("").load(&LoadOptions::default()).unwrap().scenario;
        let error = complete(Vec::new(), &scenario).unwrap_err().to_string();
        assert!(
            error.contains("no `variants`") && error.contains("--strategies all"),
            "{error}"
        );
    }

    #[test]
    fn the_baseline_is_the_first_or_the_one_named() {
        let specs = VariantSpec::parse_strategies("spread-az,random").unwrap();
        assert_eq!(baseline(&specs, None).unwrap(), 0);
        assert_eq!(baseline(&specs, Some("random")).unwrap(), 1);
        let error = baseline(&specs, Some("radnom")).unwrap_err().to_string();
        assert!(error.contains("did you mean `random`?"), "{error}");
    }

    #[test]
    fn a_wrong_variant_says_which_it_is_and_points_into_the_file() {
        let text = "variants:\n  - name: wrong\n    set: {containerInstances.m5.lrge.count: 1}\n";
        let spec = VariantSpec::parse("wrong").unwrap();
        let error = spec.load(&file(text), &LoadOptions::default()).unwrap_err();
        let error = error.to_string();
        for part in [
            "in the variant `wrong`",
            "s.yaml",
            ":6:",
            "did you mean `m5.large`?",
        ] {
            assert!(error.contains(part), "no {part} in {error}");
        }
    }
}
