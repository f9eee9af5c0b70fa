//! YAML text to a tree of [`Node`]s. The one module that names the YAML crate.
//!
//! The tree is built from the parser's events, because a scenario's mistakes are to be reported all
//! at once and each at its place: reading straight into structs would stop at the first.

use std::collections::BTreeMap;

use serde_yaml::granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, Tag,
};

use super::diagnostics::{Diagnostics, Place, SourceId};
use super::node::{Key, Node, Value};

/// The largest input, in bytes.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The deepest nesting.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most values, aliases counted as what they stand for.
pub(crate) const MAX_NODES: usize = 2_000_000;

/// How to mend what the parser says in the words of the YAML specification.
const ADVICE: [(&str, &str); 9] = [
    ("tab", "YAML is indented with blanks: replace the tab"),
    (
        "simple key expected",
        "a key is followed by a colon and a blank: `key: value`",
    ),
    (
        "mapping values are not allowed",
        "text with `: ` in it needs quotes; or the line above lacks its colon",
    ),
    (
        "did not find expected '-'",
        "what belongs to an element of a list begins in the column behind its `- `",
    ),
    (
        "did not find expected <block end>",
        "the keys of a mapping begin in the same column",
    ),
    (
        "unexpected character",
        "text that begins with this character needs quotes",
    ),
    (
        "unknown anchor",
        "text that begins with `*` needs quotes; an alias needs an anchor `&name` above",
    ),
    ("quoted scalar", "is the closing quote missing?"),
    ("bracket", "close `[` with `]` and `{` with `}`"),
];

/// An error has been reported, and reading cannot go on.
struct Stop;

/// Reads a document. `None` when it cannot be read at all, or is empty; the reasons are in the
/// diagnostics, as are duplicate keys and other mistakes that do not hinder reading on.
///
/// `offset` is where `text` starts in the source that places refer to.
pub(crate) fn parse(
    text: &str,
    source: SourceId,
    offset: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let place = Place {
            source,
            start: offset,
            end: offset,
        };
        diagnostics.error(
            place,
            format!(
                "the file has {} bytes; the limit is {MAX_BYTES} (16 MiB)",
                text.len()
            ),
        );
        return None;
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH + 1;
    options.block_nesting_limit = MAX_DEPTH + 1;
    let mut builder = Builder {
        text,
        source,
        offset,
        diagnostics,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        root: None,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                builder.syntax_error(&error);
                Err(Stop)
            }
        };
        if step.is_err() {
            return None;
        }
    }
    builder.root
}

/// A collection whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    value: Unfinished,
}

enum Unfinished {
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    entries: Vec<(Key, Node)>,
    /// Where each key was first given.
    seen: BTreeMap<String, Place>,
    key: Option<PendingKey>,
    merged: Vec<Node>,
}

enum PendingKey {
    /// Waits for its value.
    Use(Key),
    /// A `<<`.
    Merge,
    /// Was reported; its value is read and dropped.
    Drop,
}

/// What an anchor stands for, with its size, so that aliases can be counted before they are copied.
struct Anchored {
    node: Node,
    nodes: usize,
    height: usize,
}

struct Builder<'t, 'd> {
    text: &'t str,
    source: SourceId,
    offset: usize,
    diagnostics: &'d mut Diagnostics,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Stop> {
        let range = span
            .byte_range()
            .unwrap_or(self.text.len()..self.text.len());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let place = self.place(range.start, range.end);
                let quoted = style != ScalarStyle::Plain || self.is_string(tag.as_deref(), place);
                let value = Value::Scalar {
                    text: text.into_owned(),
                    quoted,
                };
                self.add(Node { place, value }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => self.start(
                range.start,
                anchor,
                tag.as_deref(),
                Unfinished::Sequence(Vec::new()),
            ),
            Event::MappingStart(_, anchor, tag) => {
                let mapping = Unfinished::Mapping(Mapping::default());
                self.start(range.start, anchor, tag.as_deref(), mapping)
            }
            Event::SequenceEnd | Event::MappingEnd => self.finish(range.end),
            Event::Alias(anchor) => self.alias(anchor, self.place(range.start, range.end)),
            Event::DocumentStart(..) if self.root.is_some() => {
                let place = self.place(range.start, range.end);
                self.diagnostics
                    .error(place, "a second YAML document starts here")
                    .help("a scenario is one document: remove the `---`");
                Err(Stop)
            }
            _ => Ok(()),
        }
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place {
            source: self.source,
            start: self.offset + start,
            end: self.offset + end,
        }
    }

    /// Where a collection starts: its first line, so that a message does not cover a page.
    fn first_line(&self, start: usize, end: usize) -> Place {
        let text = self.text.get(start..end).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default().trim_end();
        self.place(start, start + line.len())
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            self.too_deep(at);
            return;
        }
        let place = self.place(at, at);
        let info = error.info();
        let advice = ADVICE.iter().find(|(part, _)| info.contains(part));
        let finding = self
            .diagnostics
            .error(place, format!("this is not YAML: {info}"));
        if let Some((_, help)) = advice {
            finding.help(*help);
        }
    }

    fn too_deep(&mut self, at: usize) {
        let place = self.place(at, at);
        self.diagnostics
            .error(place, format!("nested more than {MAX_DEPTH} levels deep"));
    }

    /// Whether a tag makes a plain scalar text. Tags of one's own have no meaning here.
    fn is_string(&mut self, tag: Option<&Tag>, place: Place) -> bool {
        self.check_tag(tag, place);
        tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"))
    }

    fn check_tag(&mut self, tag: Option<&Tag>, place: Place) {
        if let Some(tag) = tag.filter(|tag| tag.is_custom() && tag.suffix() != "!") {
            self.diagnostics
                .error(
                    place,
                    format!("the tag `{}` has no meaning in a scenario", tag.original()),
                )
                .help("remove the tag");
        }
    }

    fn start(
        &mut self,
        start: usize,
        anchor: usize,
        tag: Option<&Tag>,
        value: Unfinished,
    ) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep(start);
            return Err(Stop);
        }
        self.check_tag(tag, self.place(start, start));
        self.open.push(Open {
            start,
            anchor,
            value,
        });
        Ok(())
    }

    fn finish(&mut self, end: usize) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let place = self.first_line(open.start, end);
        let value = match open.value {
            Unfinished::Sequence(items) => Value::Sequence(items),
            Unfinished::Mapping(mapping) => Value::Mapping(self.merge(mapping)),
        };
        self.add(Node { place, value }, open.anchor)
    }

    /// Adds what `<<` brings: a key of the mapping itself wins, then the first of several mappings.
    fn merge(&mut self, mut mapping: Mapping) -> Vec<(Key, Node)> {
        for source in std::mem::take(&mut mapping.merged) {
            let place = source.place;
            let maps = match source.value {
                Value::Sequence(items) => items,
                value => vec![Node { place, value }],
            };
            for map in maps {
                let Value::Mapping(entries) = map.value else {
                    self.diagnostics
                        .error(map.place, "`<<` takes a mapping or a list of mappings")
                        .help("write `<<: *name` with an anchor `&name` on a mapping");
                    continue;
                };
                for (key, value) in entries {
                    if !mapping.seen.contains_key(&key.text) {
                        mapping.seen.insert(key.text.clone(), key.place);
                        mapping.entries.push((key, value));
                    }
                }
            }
        }
        mapping.entries
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Stop> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            self.diagnostics
                .error(place, "this alias refers to the value that holds it");
            return Err(Stop);
        };
        if self.open.len() + anchored.height > MAX_DEPTH {
            self.too_deep(place.start - self.offset);
            return Err(Stop);
        }
        let nodes = anchored.nodes;
        // Counted before it is copied: a few lines of aliases can stand for billions of values.
        self.count(nodes, place)?;
        let node = self.anchors[&anchor].node.clone();
        self.attach(node);
        Ok(())
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        self.diagnostics
            .error(
                place,
                format!("the document holds more than {MAX_NODES} values here"),
            )
            .help("an alias counts as all the values that it stands for");
        Err(Stop)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Stop> {
        self.count(1, node.place)?;
        if anchor != 0 {
            let (nodes, height) = size(&node);
            self.count(nodes, node.place)?;
            self.anchors.insert(
                anchor,
                Anchored {
                    node: node.clone(),
                    nodes,
                    height,
                },
            );
        }
        self.attach(node);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn attach(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.value {
            Unfinished::Sequence(items) => items.push(node),
            Unfinished::Mapping(mapping) => match mapping.key.take() {
                None => mapping.key = Some(key_of(node, mapping, self.diagnostics)),
                Some(PendingKey::Use(key)) => mapping.entries.push((key, node)),
                Some(PendingKey::Merge) => mapping.merged.push(node),
                Some(PendingKey::Drop) => {}
            },
        }
    }
}

fn key_of(node: Node, mapping: &mut Mapping, diagnostics: &mut Diagnostics) -> PendingKey {
    let place = node.place;
    let Value::Scalar { text, quoted } = node.value else {
        diagnostics.error(
            place,
            "a key must be a plain value, not a list or a mapping",
        );
        return PendingKey::Drop;
    };
    if text == "<<" && !quoted {
        return PendingKey::Merge;
    }
    if mapping.seen.contains_key(&text) {
        diagnostics
            .error(place, format!("the key `{text}` is given twice"))
            .label("given before in the same mapping")
            .help("remove one of them");
        return PendingKey::Drop;
    }
    mapping.seen.insert(text.clone(), place);
    PendingKey::Use(Key { place, text })
}

/// How many values a node holds, itself included, and how deep they are nested.
fn size(node: &Node) -> (usize, usize) {
    let join = |(nodes, height): (usize, usize), child: &Node| {
        let (more, below) = size(child);
        (nodes + more, height.max(below + 1))
    };
    match &node.value {
        Value::Scalar { .. } => (1, 0),
        Value::Sequence(items) => items.iter().fold((1, 1), join),
        Value::Mapping(entries) => entries.iter().map(|(_, value)| value).fold((1, 1), join),
    }
}
