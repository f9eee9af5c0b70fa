//! What holds the house and no compiler checks: arrows between rooms, sizes, headers, links, and
//! that every rule in `docs/fidelity.md` names its tests. All faults are collected in one list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::markdown::{cells, links, outside_fences, quoted};

/// Lines of a file without its unit tests, and of a whole file; blank ones do not count.
const MOST_LINES: usize = 500;
const MOST_LINES_WITH_TESTS: usize = 700;
const MOST_COLUMNS: usize = 100;
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const FIDELITY: &str = "docs/fidelity.md";

/// The text files of the project by their paths, sorted.
type Tree = BTreeMap<String, String>;

fn read_tree(directory: &Path, prefix: &str, tree: &mut Tree) {
    for entry in fs::read_dir(directory).expect("the project is readable") {
        let entry = entry.expect("a directory has entries");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            if !["target", ".git", "proptest-regressions"].contains(&name.as_str()) {
                read_tree(&entry.path(), &format!("{path}/"), tree);
            }
        } else if [".rs", ".md", ".yaml", ".toml"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            let text = fs::read_to_string(entry.path()).expect("sources are UTF-8");
            tree.insert(path, text);
        }
    }
}

/// Every fault of the tree, in order of the checks.
fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree {
        check_sizes(path, text, &mut faults);
        check_words(path, text, &mut faults);
        check_header(path, text, &mut faults);
    }
    check_arrows(tree, &mut faults);
    check_fidelity(tree, &mut faults);
    check_links(tree, &mut faults);
    faults
}

fn has_end(path: &str, end: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == end)
}

fn count(text: &str) -> usize {
    text.lines().filter(|line| !line.trim().is_empty()).count()
}

fn check_sizes(path: &str, text: &str, faults: &mut Vec<String>) {
    let (rust, markdown) = (has_end(path, "rs"), has_end(path, "md"));
    if rust {
        let lines = count(text);
        let without_tests = count(before_tests(text));
        if !is_test(path) && without_tests > MOST_LINES {
            faults.push(format!(
                "{path}: {without_tests} lines, at most {MOST_LINES}"
            ));
        }
        if lines > MOST_LINES_WITH_TESTS {
            faults.push(format!(
                "{path}: {lines} lines, at most {MOST_LINES_WITH_TESTS}"
            ));
        }
    }
    if !rust && !markdown {
        return;
    }
    // Scenarios and expected outputs in the literals of tests are as wide as they are.
    let data = if is_test(path) {
        0
    } else {
        before_tests(text).lines().count()
    };
    let mut in_fence = false;
    for (number, line) in text.lines().enumerate() {
        in_fence ^= line.starts_with("```");
        // A table's row, a command in a comment, and what is printed cannot be broken.
        let unbroken = in_fence || line.starts_with('|') || line.starts_with("<!-- ");
        let free = line.contains("://") || markdown && unbroken || number >= data;
        let columns = line.chars().count();
        if columns > MOST_COLUMNS && !free {
            let number = number + 1;
            faults.push(format!(
                "{path}:{number}: {columns} columns, at most {MOST_COLUMNS}"
            ));
        }
    }
}

fn check_words(path: &str, text: &str, faults: &mut Vec<String>) {
    // In two pieces, so that this file holds neither word.
    for word in [["TO", "DO"].concat(), ["FIX", "ME"].concat()] {
        for (number, line) in text.lines().enumerate() {
            if line.contains(&word) {
                faults.push(format!("{path}:{}: {word}: do it or drop it", number + 1));
            }
        }
    }
}

fn check_header(path: &str, text: &str, faults: &mut Vec<String>) {
    let source = ["src/", "tests/", "benches/", "examples/"].iter();
    if has_end(path, "rs") && source.clone().any(|root| path.starts_with(root)) {
        if !text.starts_with("//!") {
            faults.push(format!("{path}: no `//!` at its top says what it is for"));
        }
    } else if path.starts_with("scenarios/") && !text.starts_with("# ") {
        faults.push(format!("{path}: no comment at its top says what it shows"));
    }
}

fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("tests/")
        || path.contains("/tests/")
        || ["tests.rs", "testing.rs"].contains(&name)
        || name.ends_with("_tests.rs")
}

/// A file's text up to its unit tests, which stand at its end.
fn before_tests(text: &str) -> &str {
    let end = text.find("#[cfg(test)]\nmod tests {");
    &text[..end.unwrap_or(text.len())]
}

/// The table of `ARCHITECTURE.md`: rooms, and the rooms that each may use.
fn allowed(tree: &Tree, faults: &mut Vec<String>) -> BTreeMap<String, BTreeSet<String>> {
    let text = tree.get(ARCHITECTURE).map_or("", String::as_str);
    let mut table = BTreeMap::new();
    let header = |line: &&str| line.starts_with("| room | may use |");
    for line in text.lines().skip_while(|line| !header(line)).skip(2) {
        let row = cells(line);
        let [room, uses, ..] = row.as_slice() else {
            break;
        };
        for room in quoted(room) {
            table.insert(room, quoted(uses).into_iter().collect());
        }
    }
    if table.is_empty() {
        faults.push(format!("{ARCHITECTURE}: no table `| room | may use | ...`"));
    }
    table
}

fn check_arrows(tree: &Tree, faults: &mut Vec<String>) {
    let allowed = allowed(tree, faults);
    for (path, text) in tree {
        let Some(room) = room_of(path, &allowed) else {
            continue;
        };
        let Some(may_use) = allowed.get(&room) else {
            faults.push(format!("{path}: `{room}` is no room of {ARCHITECTURE}"));
            continue;
        };
        if is_test(path) {
            continue;
        }
        let code = without_comments(before_tests(text));
        if code.contains("super::super::") {
            faults.push(format!(
                "{path}: write `crate::...` for `super::super::...`"
            ));
        }
        for used in rooms_used(&code, &allowed) {
            if used != room && !may_use.contains(&used) {
                faults.push(format!(
                    "{path}: `{room}` uses `{used}`, which the table in {ARCHITECTURE} forbids"
                ));
            }
        }
    }
    // Take away rooms that use none of those left; what cannot be taken away goes in circles.
    let mut left = allowed;
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, uses| uses.iter().any(|used| names.contains(used)));
        if left.is_empty() {
            return;
        }
        if left.len() == before {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            faults.push(format!(
                "{ARCHITECTURE}: arrows in a circle: {}",
                names.join(", ")
            ));
            return;
        }
    }
}

type Rooms = BTreeMap<String, BTreeSet<String>>;

/// The room of a source file. A directory inside a room that the table names is a room itself.
fn room_of(path: &str, rooms: &Rooms) -> Option<String> {
    let mut parts = path.strip_prefix("src/")?.split('/');
    let (first, second) = (parts.next()?, parts.next()?);
    let inner = format!("{first}::{second}");
    Some(if rooms.contains_key(&inner) {
        inner
    } else {
        first.to_owned()
    })
}

fn without_comments(text: &str) -> String {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The rooms that a text's `crate::...` paths lead to.
fn rooms_used(code: &str, rooms: &Rooms) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, word) in code.match_indices("crate::") {
        let path = &code[at + word.len()..];
        match path.strip_prefix('{') {
            Some(group) => {
                for item in split_group(group) {
                    used.insert(room_at(item, rooms));
                }
            }
            None => {
                used.insert(room_at(path, rooms));
            }
        }
    }
    used
}

/// The items of `a, b::{c, d}}...`, up to the brace that closes the group.
fn split_group(text: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(text[start..at].trim());
                break;
            }
            ',' if depth == 0 => {
                items.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

fn room_at(path: &str, rooms: &Rooms) -> String {
    let mut names = path.split("::").map(|part| {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &part[..end.unwrap_or(part.len())]
    });
    let (first, second) = (
        names.next().unwrap_or_default(),
        names.next().unwrap_or_default(),
    );
    let inner = format!("{first}::{second}");
    if rooms.contains_key(&inner) {
        inner
    } else {
        first.to_owned()
    }
}

/// Every row of a table that has a column `test` names test functions that exist.
fn check_fidelity(tree: &Tree, faults: &mut Vec<String>) {
    let sources = tree.iter().filter(|(path, _)| has_end(path, "rs"));
    let functions: BTreeSet<&str> = sources
        .flat_map(|(_, text)| text.match_indices("fn ").map(|(at, _)| &text[at + 3..]))
        .map(|rest| rest.split('(').next().unwrap_or_default())
        .collect();
    let text = tree.get(FIDELITY).map_or("", String::as_str);
    let (mut column, mut rules) = (None, 0);
    for (number, line) in text.lines().enumerate() {
        let row = cells(line);
        if row.is_empty() {
            column = None;
        } else if let Some(place) = row.iter().position(|cell| *cell == "test") {
            column = Some(place);
        } else if let Some(column) = column.filter(|_| !line.starts_with("|--")) {
            rules += 1;
            let number = number + 1;
            let tests = quoted(row.get(column).copied().unwrap_or_default());
            if tests.is_empty() {
                faults.push(format!("{FIDELITY}:{number}: a rule without a test"));
            }
            for test in tests
                .iter()
                .filter(|test| !functions.contains(test.as_str()))
            {
                faults.push(format!("{FIDELITY}:{number}: there is no test `{test}`"));
            }
        }
    }
    if rules == 0 {
        faults.push(format!("{FIDELITY}: no table has a column `test`"));
    }
}

/// Links lead to files that exist, and every page of `docs/` is linked from another page.
fn check_links(tree: &Tree, faults: &mut Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut linked = BTreeSet::new();
    for (path, text) in tree.iter().filter(|(path, _)| has_end(path, "md")) {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        for (target, number) in outside_fences(text).flat_map(|(line, number)| links(line, number))
        {
            let joined = match directory {
                "" => target,
                _ => format!("{directory}/{target}").replace("docs/../", ""),
            };
            if !tree.contains_key(&joined) && !root.join(&joined).exists() {
                faults.push(format!("{path}:{number}: nothing is at `{joined}`"));
            }
            if joined != *path {
                linked.insert(joined);
            }
        }
    }
    let pages = tree
        .keys()
        .filter(|path| path.starts_with("docs/") && has_end(path, "md"));
    for page in pages.filter(|page| !linked.contains(*page)) {
        faults.push(format!("{page}: no other page leads here"));
    }
}

#[test]
fn the_house_is_tidy() {
    let mut tree = Tree::new();
    read_tree(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut tree);
    assert!(
        tree.len() > 100,
        "the project was not found: {} files",
        tree.len()
    );
    let faults = faults(&tree);
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// A tree with every kind of fault.
fn bad_sample() -> Tree {
    let architecture = "\
| room | may use | must never know |
|---|---|---|
| `units` | – | anything |
| `model` | `units`, `cost` | time |
| `model::inner` | – | anything |
| `cost` | `model` | |
";
    let fidelity = "\
| rule | test |
|---|---|
| one | `a_test` and `no_such_test` |
| two | |
";
    let later = ["// TO", "DO later\n"].concat();
    let wide = format!("//! Wide.\n// {}\n", "x".repeat(98));
    let model = "//! Model.
use crate::units::{A, B};
use crate::{cost::C, report::{D, E}, model::inner::F};
// crate::cli is only spoken of
use super::super::scenario;
#[cfg(test)]
mod tests {
    use crate::cli;
    fn a_test() {}
}
";
    let files = [
        ("ARCHITECTURE.md", architecture),
        (
            "README.md",
            "[a page](docs/page.md) [none](docs/none.md) [far](https://a.example)\n",
        ),
        ("docs/fidelity.md", fidelity),
        ("docs/page.md", "[itself](page.md) [up](../README.md)\n"),
        ("scenarios/bare.yaml", "duration: 1h\n"),
        ("src/attic/mod.rs", "//! No room of the table.\n"),
        ("src/model/inner/a.rs", "//! Inner.\nuse crate::units::A;\n"),
        (
            "src/model/long.rs",
            &format!("//! Long.\n{}", "//\n".repeat(500)),
        ),
        ("src/model/mod.rs", model),
        (
            "src/model/tests.rs",
            &format!("//! Long.\n{}", "//\n".repeat(700)),
        ),
        ("src/units/a.rs", &later),
        ("src/units/b.rs", &wide),
    ];
    files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn the_checker_finds_every_kind_of_fault() {
    let expected = [
        "scenarios/bare.yaml: no comment at its top says what it shows",
        "src/model/long.rs: 501 lines, at most 500",
        "src/model/tests.rs: 701 lines, at most 700",
        &["src/units/a.rs:1: TO", "DO: do it or drop it"].concat(),
        "src/units/a.rs: no `//!` at its top says what it is for",
        "src/units/b.rs:2: 101 columns, at most 100",
        "src/attic/mod.rs: `attic` is no room of ARCHITECTURE.md",
        "src/model/inner/a.rs: `model::inner` uses `units`, which the table in ARCHITECTURE.md \
         forbids",
        "src/model/mod.rs: write `crate::...` for `super::super::...`",
        "src/model/mod.rs: `model` uses `model::inner`, which the table in ARCHITECTURE.md forbids",
        "src/model/mod.rs: `model` uses `report`, which the table in ARCHITECTURE.md forbids",
        "ARCHITECTURE.md: arrows in a circle: cost, model",
        "docs/fidelity.md:3: there is no test `no_such_test`",
        "docs/fidelity.md:4: a rule without a test",
        "README.md:1: nothing is at `docs/none.md`",
        "docs/fidelity.md: no other page leads here",
    ];
    assert_eq!(faults(&bad_sample()), expected);
}
