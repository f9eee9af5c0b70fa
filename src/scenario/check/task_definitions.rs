//! `taskDefinitions`: RegisterTaskDefinition's shape, inline or in a file.

use std::path::Path;

use crate::model::{TaskDefinition, TaskDefinitionId};
use crate::scenario::diagnostics::{Diagnostics, Place, Severity};
use crate::scenario::load::read_file;
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::spec::TasksEntry;
use crate::scenario::task_definition::{self, Finding, RawTaskDefinition, UnknownKeys};
use crate::scenario::yaml;
use crate::units::{id, nearest};
use crate::workload::Source;

use super::Environment;
use super::constraints::read_expression;
use super::trace::read_path;

/// The task definitions of a scenario, in the order of the file.
pub(super) struct TaskDefinitions {
    pub(super) list: Vec<TaskDefinition>,
    places: Vec<Place>,
    /// Families with a definition that was reported: entries that name one are not wrong.
    broken: Vec<String>,
}

impl TaskDefinitions {
    pub(super) fn read(
        fields: &Fields<'_>,
        environment: &Environment<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut definitions = Self {
            list: Vec::new(),
            places: Vec::new(),
            broken: Vec::new(),
        };
        for item in read::items_of(fields, "taskDefinitions", diagnostics) {
            match item.get("file") {
                None => definitions.add(item, UnknownKeys::Refuse, diagnostics),
                Some(_) => {
                    if let Some(node) = read_in_file(item, environment.base_dir, diagnostics) {
                        definitions.add(&node, UnknownKeys::Warn, diagnostics);
                    }
                }
            }
        }
        definitions
    }

    fn add(&mut self, node: &Node, unknown_keys: UnknownKeys, diagnostics: &mut Diagnostics) {
        if read::mapping(node, diagnostics).is_none() {
            return;
        }
        let family = node.get("family").and_then(Node::text).unwrap_or_default();
        let revision = match node.get("revision").filter(|revision| !revision.is_null()) {
            Some(given) => read::number_u32(given, 1..=u32::MAX, diagnostics).unwrap_or(1),
            None => self.next_revision(family),
        };
        let raw = RawTaskDefinition(node.to_json());
        let (definition, findings) = task_definition::check(&raw, revision, unknown_keys);
        for finding in findings {
            report(node, &finding, diagnostics);
        }
        let Some(definition) = definition else {
            self.broken.push(family.to_owned());
            return;
        };
        if self
            .list
            .iter()
            .any(|other| other.name() == definition.name())
        {
            let place = node.get("family").map_or(node.place, |family| family.place);
            diagnostics
                .error(
                    place,
                    format!("the task definition `{}` is given twice", definition.name()),
                )
                .help("remove `revision` to number the definitions of a family in order");
            return;
        }
        self.list.push(definition);
        self.places.push(node.place);
    }

    fn next_revision(&self, family: &str) -> u32 {
        let of_family = self.list.iter().filter(|known| known.family == family);
        of_family
            .map(|known| known.revision)
            .max()
            .map_or(1, |newest| newest.saturating_add(1))
    }

    /// The definition of `family:revision`, or the newest of `family`.
    pub(super) fn find(&self, name: &str) -> Option<TaskDefinitionId> {
        let exact = self.list.iter().position(|known| known.name() == name);
        let newest = || {
            let of_family = self
                .list
                .iter()
                .enumerate()
                .filter(|(_, known)| known.family == name);
            of_family
                .max_by_key(|(_, known)| known.revision)
                .map(|(position, _)| position)
        };
        exact
            .or_else(newest)
            .map(|position| TaskDefinitionId(id(position)))
    }

    /// The definition that a value names, by its name or its ARN; marks it as used, reports an
    /// unknown one.
    pub(super) fn find_used(
        &self,
        node: &Node,
        used: &mut [bool],
        diagnostics: &mut Diagnostics,
    ) -> Option<TaskDefinitionId> {
        let given = read::name(node, "a task definition", diagnostics)?;
        let name = match given.strip_prefix("arn:") {
            Some(rest) => rest.rsplit('/').next().unwrap_or(rest),
            None => given,
        };
        let found = self.find(name);
        match found {
            Some(id) => used[id.index()] = true,
            None => self.report_unknown(name, node.place, diagnostics),
        }
        found
    }

    /// Every name by which a row of a trace may call a definition, sorted.
    pub(super) fn names(&self) -> Vec<(String, TaskDefinitionId)> {
        let names = self
            .list
            .iter()
            .flat_map(|known| [known.family.clone(), known.name()]);
        let mut names: Vec<(String, TaskDefinitionId)> = names
            .filter_map(|name| self.find(&name).map(|id| (name, id)))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn report_unknown(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) {
        let family = name.split_once(':').map_or(name, |(family, _)| family);
        if self.broken.iter().any(|broken| broken == family) {
            return;
        }
        let names = self.names();
        let known = || names.iter().map(|(name, _)| name.as_str());
        let near = nearest(name, known());
        let finding = diagnostics.error(place, format!("unknown task definition `{name}`"));
        finding.label("not in `taskDefinitions`").nearest(near);
        if near.is_none() {
            let families: Vec<&str> = known().filter(|name| !name.contains(':')).collect();
            match families.as_slice() {
                [] => finding.help("the scenario has no usable task definition"),
                _ => finding.help(format!("there are {}", read::short_list(&families))),
            };
        }
    }

    /// Warns of definitions that no entry names. Rows of a trace may name any.
    pub(super) fn warn_unused(
        &self,
        used: &[bool],
        tasks: &[TasksEntry],
        diagnostics: &mut Diagnostics,
    ) {
        if tasks
            .iter()
            .any(|entry| matches!(entry.source, Source::Trace(_)))
        {
            return;
        }
        for ((definition, place), used) in self.list.iter().zip(&self.places).zip(used) {
            if !used {
                let title = format!("the task definition `{}` is not used", definition.name());
                diagnostics.warning_of_no_effect(*place, title);
            }
        }
    }
}

/// Reads `{file: web.json}`: JSON, or YAML of the same shape. What DescribeTaskDefinition prints
/// has the definition under `taskDefinition`.
fn read_in_file(item: &Node, base_dir: &Path, diagnostics: &mut Diagnostics) -> Option<Node> {
    let fields = read::fields(item, &["file"], diagnostics)?;
    let path = read_path(fields.get("file")?, base_dir, diagnostics)?;
    let name = path.display().to_string();
    let text = read_file(&path, &name, diagnostics)?;
    let source = diagnostics.add_source(name.clone(), text.clone());
    let before = diagnostics.len();
    let Some(root) = yaml::parse(&text, source, 0, diagnostics) else {
        if diagnostics.len() == before {
            diagnostics.error(item.place, format!("the file `{name}` is empty"));
        }
        return None;
    };
    Some(root.get("taskDefinition").cloned().unwrap_or(root))
}

/// Shows a finding about a definition at the value that it speaks of.
fn report(root: &Node, finding: &Finding, diagnostics: &mut Diagnostics) {
    let (node, key) = follow(root, &finding.path);
    let is_expression = finding.path.ends_with(".expression");
    if is_expression && read_expression(node, diagnostics).is_none() {
        // Reported there, with the place inside the expression.
        return;
    }
    let place = match key {
        Some(key) if finding.message.starts_with("unknown key") => key,
        _ => node.place,
    };
    let shown = match finding.severity {
        Severity::Error => diagnostics.error(place, &finding.message),
        Severity::Warning => diagnostics.warning(place, &finding.message),
    };
    if let Some(hint) = &finding.hint {
        shown.help(hint);
    }
}

/// The value at a path such as `containerDefinitions[0].memory`, or the deepest above it that is
/// there; and the place of its key.
fn follow<'n>(root: &'n Node, path: &str) -> (&'n Node, Option<Place>) {
    let (mut node, mut key, mut rest) = (root, None, path);
    while let Some((below, place, after)) = step(node, rest) {
        (node, key, rest) = (below, place, after);
    }
    (node, key)
}

fn step<'n, 'p>(node: &'n Node, path: &'p str) -> Option<(&'n Node, Option<Place>, &'p str)> {
    match &node.value {
        Value::Sequence(items) => {
            let (index, after) = path.strip_prefix('[')?.split_once(']')?;
            Some((items.get(index.parse::<usize>().ok()?)?, None, after))
        }
        Value::Mapping(entries) => {
            let path = path.strip_prefix('.').unwrap_or(path);
            let ends = |after: &str| after.is_empty() || after.starts_with(['.', '[']);
            // A key may hold dots itself: the longest that fits is meant.
            let fitting = entries.iter().filter_map(|(key, value)| {
                let after = path
                    .strip_prefix(key.text.as_str())
                    .filter(|after| ends(after))?;
                Some((value, Some(key.place), after))
            });
            fitting.min_by_key(|(_, _, after)| after.len())
        }
        Value::Scalar { .. } => None,
    }
}
