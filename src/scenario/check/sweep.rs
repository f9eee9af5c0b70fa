//! `sweep`, and the arguments of `--over`, which say the same in fewer words.

use std::collections::BTreeSet;

use crate::scenario::diagnostics::{Diagnostics, LoadError, Place};
use crate::scenario::node::{Key, Node, Value};
use crate::scenario::path;
use crate::scenario::read::{self, Fields};
use crate::scenario::sweep::{Axis, Draw, MOST_CELLS, Setting, Sweep};
use crate::scenario::yaml;
use crate::units::Fixed;

use self::laws::read_law;

mod laws;

const KEYS: [&str; 3] = ["grid", "list", "random"];
const RANDOM_KEYS: [&str; 2] = ["samples", "over"];
const EXAMPLE: &str =
    "for instance `sweep: {grid: {containerInstances.m5.large.count: [2, 4, 6]}}`";

/// Reads `sweep` of a whole scenario.
pub(in crate::scenario) fn read_sweep(root: &Node, diagnostics: &mut Diagnostics) -> Option<Sweep> {
    let node = root.get("sweep").filter(|node| !node.is_null())?;
    let sweep = read::fields(node, &KEYS, diagnostics)?;
    let given: Vec<&str> = KEYS
        .into_iter()
        .filter(|key| sweep.get(key).is_some())
        .collect();
    let [kind] = given.as_slice() else {
        let title = match given.len() {
            0 => "the sweep varies nothing".to_owned(),
            _ => format!("a sweep has one kind of cells, not {}", read::list(&given)),
        };
        diagnostics
            .error(node.place, title)
            .label("expected one of `grid`, `list` and `random`")
            .help(EXAMPLE);
        return None;
    };
    let below = sweep.get(kind)?;
    let sweep = match *kind {
        "grid" => read_grid(below, diagnostics),
        "list" => read_list(below, diagnostics),
        _ => read_random(below, diagnostics),
    }?;
    within_limit(sweep, below.place, diagnostics)
}

/// Reads arguments `PATH=V1,V2,...`: the axes of a grid, the first changing last.
///
/// # Errors
/// Everything that is wrong with them, at once.
pub fn parse_over(arguments: &[String]) -> Result<Sweep, LoadError> {
    let mut diagnostics = Diagnostics::default();
    let mut axes: Vec<Axis> = Vec::new();
    for argument in arguments {
        if let Some(axis) = read_argument(argument, &axes, &mut diagnostics) {
            axes.push(axis);
        }
    }
    if !diagnostics.has_errors() {
        let grid = Sweep::Grid(axes);
        let source = diagnostics.add_source("--over", arguments.join(" "));
        let place = Place {
            source,
            start: 0,
            end: 0,
        };
        if let Some(grid) = within_limit(grid, place, &mut diagnostics) {
            return Ok(grid);
        }
    }
    Err(LoadError(diagnostics))
}

fn read_argument(argument: &str, before: &[Axis], diagnostics: &mut Diagnostics) -> Option<Axis> {
    let source = diagnostics.add_source(format!("--over '{argument}'"), argument.to_owned());
    let place = |start: usize, end: usize| Place { source, start, end };
    let mut is_quoted = false;
    let equals = argument.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'=' && !is_quoted
    });
    let Some(equals) = equals else {
        diagnostics
            .error(place(0, argument.len()), "expected PATH=VALUE,VALUE,...")
            .help("for instance `--over containerInstances.m5.large.count=2,4,6`");
        return None;
    };
    let key = Key {
        place: place(0, equals),
        text: argument[..equals].to_owned(),
    };
    if before.iter().any(|axis| axis.path == key.text) {
        diagnostics
            .error(key.place, format!("`{}` is varied twice", key.text))
            .help("give all its values in one argument, with commas between them");
        return None;
    }
    let path = read_path(&key, diagnostics)?;
    if let Some(blank) = blank_value(&argument[equals + 1..]) {
        let at = equals + 1 + blank;
        report_no_value(place(at, at), diagnostics);
        return None;
    }
    // Between brackets, YAML itself knows which commas part values.
    let text = format!("[{}]", &argument[equals + 1..]);
    let errors_before = diagnostics.len();
    let node = yaml::parse(&text, source, equals, diagnostics);
    let node = node.filter(|_| diagnostics.len() == errors_before)?;
    let node = Node {
        place: place(equals + 1, argument.len()),
        value: node.value,
    };
    let values = read_values(&node, diagnostics)?;
    Some(Axis { path, values })
}

/// Where a value is missing between two commas, or beside one: of that YAML would say nothing that
/// helps.
fn blank_value(values: &str) -> Option<usize> {
    let (mut depth, mut quote, mut is_blank) = (0_u32, None, true);
    let mut has_comma = false;
    for (at, character) in values.char_indices() {
        match character {
            _ if quote.is_some() => quote = quote.filter(|open| *open != character),
            '"' | '\'' => (quote, is_blank) = (Some(character), false),
            '[' | '{' => (depth, is_blank) = (depth + 1, false),
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                if is_blank {
                    return Some(at);
                }
                (has_comma, is_blank) = (true, true);
            }
            _ => is_blank &= character.is_whitespace(),
        }
    }
    (has_comma && is_blank).then_some(values.len())
}

fn read_grid(node: &Node, diagnostics: &mut Diagnostics) -> Option<Sweep> {
    let paths = non_empty(node, diagnostics)?;
    let mut axes = Vec::new();
    for (key, values) in paths.entries() {
        let path = read_path(key, diagnostics);
        let values = read_values(values, diagnostics);
        axes.extend(path.zip(values).map(|(path, values)| Axis { path, values }));
    }
    (axes.len() == paths.entries().len()).then_some(Sweep::Grid(axes))
}

fn read_list(node: &Node, diagnostics: &mut Diagnostics) -> Option<Sweep> {
    let items = read::items(node, diagnostics)?;
    let errors_before = diagnostics.len();
    let mut cells: Vec<Vec<Setting>> = Vec::new();
    for item in items {
        let Some(settings) = read::mapping(item, diagnostics) else {
            continue;
        };
        let mut cell = Vec::new();
        for (key, value) in settings.entries() {
            let path = read_path(key, diagnostics);
            let value = read_value(value, diagnostics);
            cell.extend(path.zip(value).map(|(path, value)| Setting { path, value }));
        }
        if cells.contains(&cell) && !cell.is_empty() {
            diagnostics.error(item.place, "this cell is given twice");
        }
        cells.push(cell);
    }
    if items.is_empty() {
        report_empty(node.place, diagnostics);
    }
    (diagnostics.len() == errors_before).then_some(Sweep::List(cells))
}

fn read_random(node: &Node, diagnostics: &mut Diagnostics) -> Option<Sweep> {
    let random = read::fields(node, &RANDOM_KEYS, diagnostics)?;
    let samples = random
        .required("samples", "100", diagnostics)
        .and_then(|node| read::number(node, 1..=MOST_CELLS, diagnostics));
    let example = "{containerInstances.m5.large.count: {integer: [2, 20]}}";
    let over = random.required("over", example, diagnostics)?;
    let paths = non_empty(over, diagnostics)?;
    let mut draws = Vec::new();
    for (key, law) in paths.entries() {
        let path = read_path(key, diagnostics);
        let law = read_law(law, diagnostics);
        draws.extend(path.zip(law).map(|(path, law)| Draw { path, law }));
    }
    let samples = samples?;
    (draws.len() == paths.entries().len()).then_some(Sweep::Random { samples, draws })
}

fn non_empty<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<Fields<'n>> {
    let paths = read::mapping(node, diagnostics)?;
    if paths.entries().is_empty() {
        report_empty(node.place, diagnostics);
        return None;
    }
    Some(paths)
}

fn report_empty(place: Place, diagnostics: &mut Diagnostics) {
    diagnostics
        .error(place, "the sweep varies nothing")
        .help(EXAMPLE);
}

fn within_limit(sweep: Sweep, place: Place, diagnostics: &mut Diagnostics) -> Option<Sweep> {
    let cells = sweep.cells();
    if cells <= MOST_CELLS {
        return Some(sweep);
    }
    diagnostics
        .error(place, format!("the sweep has {cells} cells"))
        .label(format!("expected at most {MOST_CELLS}"))
        .help("`random` takes a sample of so large a space");
    None
}

/// A path as `--set` takes it.
fn read_path(key: &Key, diagnostics: &mut Diagnostics) -> Option<String> {
    let path = key.text.as_str();
    if path::segments(path).is_none() || path.chars().any(char::is_control) {
        diagnostics
            .error(key.place, format!("`{path}` is not a path of the scenario"))
            .label("expected names joined by dots, such as `tasks.web.count`");
        return None;
    }
    if path == "seed" {
        diagnostics
            .error(key.place, "the seed is not varied as a path")
            .help("`--replications 5` runs every cell with five seeds");
        return None;
    }
    Some(path.to_owned())
}

/// The values of a path: a list, or one value; `1..10` and `1..10..3` stand for the numbers in
/// between.
pub(super) fn read_values(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let single = std::slice::from_ref(node);
    let items = match &node.value {
        Value::Sequence(items) => items.as_slice(),
        Value::Scalar { .. } if !node.is_null() => single,
        _ => {
            read::wrong_kind(node, "a list of values", diagnostics);
            return None;
        }
    };
    if items.is_empty() {
        diagnostics
            .error(node.place, "there are no values")
            .label("expected at least one value");
        return None;
    }
    let errors_before = diagnostics.len();
    let mut values = Vec::new();
    let mut seen = BTreeSet::new();
    for item in items {
        let range = range_of(item, diagnostics);
        for value in range.or_else(|| Some(vec![read_value(item, diagnostics)?]))? {
            if !seen.insert(value.clone()) {
                let title = format!("the value `{value}` is given twice");
                diagnostics.error(item.place, title);
                break;
            }
            values.push(value);
        }
    }
    (diagnostics.len() == errors_before).then_some(values)
}

/// A value in YAML on one line.
fn read_value(node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    match &node.value {
        Value::Scalar {
            text,
            quoted: false,
        } if text.is_empty() => {
            report_no_value(node.place, diagnostics);
            None
        }
        Value::Scalar {
            text,
            quoted: false,
        } if !text.chars().any(char::is_control) => Some(text.clone()),
        _ => Some(node.to_json().to_string()),
    }
}

fn report_no_value(place: Place, diagnostics: &mut Diagnostics) {
    diagnostics
        .error(place, "there is no value here")
        .help("`null` removes what the path names, `\"\"` is an empty text");
}

/// The numbers of `FIRST..LAST` and `FIRST..LAST..STEP`, both ends included; none for a value that
/// is no such range.
fn range_of(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let Value::Scalar {
        text,
        quoted: false,
    } = &node.value
    else {
        return None;
    };
    let parts: Vec<&str> = text.split("..").collect();
    let numbers: Option<Vec<Fixed>> = parts.iter().map(|part| Fixed::parse(part).ok()).collect();
    let (first, last, step) = match numbers?.as_slice() {
        [first, last] => (*first, *last, Fixed::from(1)),
        [first, last, step] => (*first, *last, *step),
        _ => return None,
    };
    if step <= Fixed::ZERO || last < first {
        diagnostics
            .error(node.place, format!("the range `{text}` is empty"))
            .label("expected FIRST..LAST or FIRST..LAST..STEP, the step above 0")
            .help("for instance `1..10` or `10..100..10`; both ends are included");
        return Some(Vec::new());
    }
    let steps = (last - first).0 / step.0;
    if steps >= i128::from(MOST_CELLS) {
        diagnostics
            .error(
                node.place,
                format!("the range `{text}` has too many numbers"),
            )
            .label(format!("expected at most {MOST_CELLS}"));
        return Some(Vec::new());
    }
    let number = |index: i128| Fixed(first.0 + index * step.0).to_string();
    Some((0..=steps).map(number).collect())
}
