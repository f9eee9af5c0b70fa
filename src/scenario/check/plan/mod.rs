//! `plan`: what may vary, what must hold, and how sure that must be.

mod values;

use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::figure::FigurePath;
use crate::scenario::node::{Key, Node};
use crate::scenario::overlay;
use crate::scenario::plan::{Plan, Share, Value, Variable};
use crate::scenario::read::{self, Fields};
use crate::units::Decimal;

use super::checks::read_checks;
use values::ValuesReader;

const KEYS: [&str; 6] = [
    "vary",
    "require",
    "holdsIn",
    "confidence",
    "objective",
    "budget",
];
const VARIABLE: [&str; 6] = [
    "path",
    "name",
    "values",
    "instanceTypes",
    "strategies",
    "options",
];
/// Where the values of a variable come from.
const SOURCES: [&str; 4] = ["values", "instanceTypes", "strategies", "options"];
const EXAMPLE: &str = "vary: [{path: containerInstances.0.count, values: 2..20}]";
const VARIABLE_EXAMPLE: &str = "path: containerInstances.0.count, values: 2..20";
const SHARE: &str = "a part in per cent such as `95%`, above 0% and at most 99.99%";
/// The most runs that may be asked for.
const MOST_RUNS: u64 = 10_000_000;
/// Beyond these no number of runs that anybody waits for shows anything.
const MOST_SURE: u32 = 999_900;

/// Reads the plan of a scenario, whose whole tree is `root`.
pub(super) fn read_plan(
    fields: &Fields<'_>,
    root: &Node,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Plan> {
    let node = fields.get("plan")?;
    let plan = read::fields_like(node, &KEYS, EXAMPLE, diagnostics)?;
    let vary = plan.required("vary", "[{path: ..., values: 2..20}]", diagnostics);
    let items = vary.and_then(|node| read::items(node, diagnostics));
    if let (Some([]), Some(node)) = (items, vary) {
        diagnostics
            .error(node.place, "nothing varies")
            .help(format!("for instance `- {{{VARIABLE_EXAMPLE}}}`"));
    }
    let mut variables: Vec<Variable> = Vec::new();
    for item in items.unwrap_or_default() {
        let Some(variable) = read_variable(item, root, region, diagnostics) else {
            continue;
        };
        if variables.iter().any(|other| other.name == variable.name) {
            let title = format!("`{}` varies twice", variable.name);
            diagnostics.error(item.place, title).help("join the two");
        }
        variables.push(variable);
    }
    Some(Plan {
        vary: variables,
        require: read_checks(&plan, "require", diagnostics),
        holds_in: read_share(&plan, "holdsIn", 900_000, diagnostics),
        confidence: read_share(&plan, "confidence", 950_000, diagnostics),
        objective: read_objective(&plan, diagnostics),
        budget: plan
            .get("budget")
            .and_then(|node| read::number(node, 1..=MOST_RUNS, diagnostics))
            .unwrap_or(Plan::BUDGET),
    })
}

fn read_variable(
    node: &Node,
    root: &Node,
    region: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Variable> {
    let before = diagnostics.len();
    let fields = read::fields_like(node, &VARIABLE, VARIABLE_EXAMPLE, diagnostics)?;
    if diagnostics.len() > before {
        // A key that is misspelt is not missing.
        return None;
    }
    let given: Vec<&str> = SOURCES
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let [source] = given.as_slice() else {
        let title = match given.as_slice() {
            [] => "nothing says what this may be".to_owned(),
            _ => format!("{} beside one another", read::list(&given)),
        };
        diagnostics
            .error(fields.place, title)
            .label(format!("expected one of {}", read::list(&SOURCES)))
            .help(format!("for instance `{{{VARIABLE_EXAMPLE}}}`"));
        return None;
    };
    let reader = ValuesReader { region };
    let (name, place, values) = if *source == "options" {
        if let Some(place) = fields.key_place("path") {
            diagnostics
                .error(place, "`path` beside `options`")
                .help("each option names its paths itself; what it is called is its `name`");
        }
        let name = fields.required("name", "size", diagnostics);
        let name = name.and_then(|node| Some((read::name(node, "a name", diagnostics)?, node)));
        let values = ValuesReader::read_options(fields.get(source)?, root, diagnostics);
        let (name, node) = name?;
        (name, node.place, values)
    } else {
        if let Some(place) = fields.key_place("name") {
            diagnostics
                .error(place, format!("`name` beside `{source}`"))
                .help("what varies is called by its `path`: remove the name");
        }
        let path = fields.required("path", "containerInstances.0.count", diagnostics)?;
        let values = reader.read(source, path, fields.get(source)?, root, diagnostics);
        (path.text().unwrap_or_default(), path.place, values)
    };
    if values.is_empty() && diagnostics.len() == before {
        let node = fields.get(source)?;
        diagnostics
            .error(node.place, format!("`{source}` is empty"))
            .help(format!("for instance `{{{VARIABLE_EXAMPLE}}}`"));
    }
    report_twice(&values, fields.get(source)?.place, diagnostics);
    Some(Variable {
        name: name.to_owned(),
        place: diagnostics.written_place(place),
        values,
    })
}

/// Two values with one label could not be told apart.
fn report_twice(values: &[Value], place: Place, diagnostics: &mut Diagnostics) {
    for (at, value) in values.iter().enumerate() {
        if values[..at].iter().any(|other| other.label == value.label) {
            diagnostics.error(place, format!("`{}` is given twice", value.label));
            return;
        }
    }
}

/// Tries whether what is changed is there; `change` is an entry of a mapping of paths to values.
fn try_path(root: &Node, key: &Key, value: &Node, diagnostics: &mut Diagnostics) {
    let mut changed = root.clone();
    overlay::apply_entry(&mut changed, key, value, diagnostics);
}

fn read_share(plan: &Fields<'_>, key: &str, default: u32, diagnostics: &mut Diagnostics) -> Share {
    let default = Share::of_millionths(default).expect("a default is a share");
    let Some(node) = plan.get(key) else {
        return default;
    };
    let Some(text) = read::text(node, SHARE, diagnostics) else {
        return default;
    };
    let number = text.strip_suffix('%').map(str::trim_end);
    let parsed = Decimal::parse(number.unwrap_or(text)).map(|number| number.times(10_000));
    let (title, help) = match (number, parsed) {
        (Some(_), Ok(Ok(millionths))) => match u32::try_from(millionths)
            .ok()
            .and_then(Share::of_millionths)
        {
            Some(share) if share.millionths() <= MOST_SURE => return share,
            _ if millionths == 0 => (format!("`{text}` asks for nothing"), None),
            _ if millionths == 1_000_000 => (
                format!("`{text}`: no number of runs shows that"),
                Some(
                    "what has always held may fail the next time: ask for less, such as `95%`"
                        .to_owned(),
                ),
            ),
            _ if millionths > 1_000_000 => (format!("`{text}` is more than all"), None),
            _ => (
                format!("`{text}` asks for more runs than anybody waits for"),
                None,
            ),
        },
        (None, Ok(_)) => (
            format!("`{text}` has no `%`"),
            Some(format!("write `{text}%`")),
        ),
        (_, Ok(Err(_))) => (format!("`{text}` has too many decimals"), None),
        (_, Err(problem)) => (format!("`{text}` {problem}"), None),
    };
    let finding = diagnostics.error(node.place, title);
    finding.label(format!("expected {SHARE}"));
    if let Some(help) = help {
        finding.help(help);
    }
    default
}

fn read_objective(plan: &Fields<'_>, diagnostics: &mut Diagnostics) -> FigurePath {
    let default = || FigurePath::joined("cost.totalUsd".to_owned());
    let Some(node) = plan.get("objective") else {
        return default();
    };
    let Some(text) = read::text(
        node,
        "a figure of the summary such as `cost.totalUsd`",
        diagnostics,
    ) else {
        return default();
    };
    FigurePath::parse(text).unwrap_or_else(|problem| {
        diagnostics
            .error(node.place, format!("`{text}` {problem}"))
            .label("expected a figure of the summary such as `cost.totalUsd`");
        default()
    })
}
