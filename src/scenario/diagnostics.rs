//! What is wrong with a scenario, where, and how to mend it: collected, then shown all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use crate::units::{id, index};

use super::checks::Check;

/// More are counted, not shown.
const MAX_SHOWN: usize = 100;
/// A longer line is cut around the place, so that showing it stays cheap.
const MAX_LINE: usize = 2_000;

/// A text that a place can lie in: the scenario, a `--set` argument, a task definition's file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Line and column, from 1, of an offset.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..floor_boundary(&self.text, offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// Which text a place lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(u32);

/// A place in one of the texts: byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) source: SourceId,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The scenario cannot run.
    Error,
    /// It can, but perhaps not as meant.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    place: Option<Place>,
    title: String,
    label: String,
    help: Vec<String>,
    /// Whether it may only follow from what was refused elsewhere.
    may_follow: bool,
}

impl Diagnostic {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in a line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is expected at the place; may be empty.
    pub fn expected(&self) -> &str {
        &self.label
    }

    /// How to mend it, a line each; may be empty.
    pub fn advice(&self) -> &[String] {
        &self.help
    }

    /// Adds what is expected, shown beside the place.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Adds how to mend it.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help.push(help.into());
        self
    }

    /// Adds the nearest valid name, when there is one.
    pub(crate) fn nearest(&mut self, nearest: Option<&str>) -> &mut Self {
        if let Some(name) = nearest {
            self.help.push(format!("did you mean `{name}`?"));
        }
        self
    }
}

/// Findings about a scenario, with the texts that they point into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    sources: Vec<Source>,
    findings: Vec<Diagnostic>,
    files: BTreeMap<String, PathBuf>,
}

impl Diagnostics {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether a finding is an error.
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// Errors, then warnings, each in the order of the files, those about whole files first.
    pub fn in_order(&self) -> Vec<&Diagnostic> {
        let mut findings: Vec<&Diagnostic> = self.findings.iter().collect();
        findings.sort_by_key(|finding| {
            let place = finding.place.map(|place| (place.source, place.start));
            (finding.severity, place)
        });
        findings
    }

    /// Adds what is known of a check outside this room, where its figure is written.
    pub fn add_of_check(&mut self, check: &Check, severity: Severity, problem: &dyn fmt::Display) {
        self.push(severity, Some(check.place), problem.to_string());
    }

    /// The findings, when all are warnings.
    ///
    /// # Errors
    /// When one is an error.
    pub fn without_errors(self) -> Result<Self, LoadError> {
        if self.has_errors() {
            return Err(LoadError(self));
        }
        Ok(self)
    }

    /// Drops the findings that have been told, and adds the others to what has.
    pub fn retain_untold(&mut self, told: &mut BTreeSet<String>) {
        let renderer = Renderer::plain();
        let findings = std::mem::take(&mut self.findings);
        let is_new = |finding: &Diagnostic| told.insert(self.render_one(finding, &renderer));
        self.findings = findings.into_iter().filter(is_new).collect();
    }

    /// File, line and column (from 1, in characters) that a finding points at.
    pub fn position(&self, finding: &Diagnostic) -> Option<(&str, usize, usize)> {
        let place = finding.place?;
        let source = self.sources.get(index(place.source.0))?;
        let (line, column) = source.position(place.start);
        Some((&source.name, line, column))
    }

    /// A place as `file:line:column`, line and column from 1.
    pub(crate) fn written_place(&self, place: Place) -> String {
        let Some(source) = self.sources.get(index(place.source.0)) else {
            return String::new();
        };
        let (line, column) = source.position(place.start);
        format!("{}:{line}:{column}", source.name)
    }

    /// Every finding with its place in the text, what is expected and how to mend it.
    pub fn render(&self, color: bool) -> String {
        let renderer = renderer(color);
        let found = self.in_order().into_iter().take(MAX_SHOWN);
        let mut shown: Vec<String> = found
            .map(|finding| self.render_one(finding, &renderer))
            .collect();
        if let Some(more) = self.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
            shown.push(format!("... and {more} more"));
        }
        shown.join("\n\n")
    }

    /// The same for each finding by itself, in order.
    pub fn render_each(&self, color: bool) -> Vec<String> {
        let (mut errors, warnings) = self.render_by_severity(color);
        errors.extend(warnings);
        errors
    }

    /// The same for each finding by itself, errors and warnings apart.
    pub fn render_by_severity(&self, color: bool) -> (Vec<String>, Vec<String>) {
        let renderer = renderer(color);
        let of = |severity| {
            let found = self.in_order().into_iter();
            let found = found.filter(|finding| finding.severity == severity);
            found
                .map(|finding| self.render_one(finding, &renderer))
                .collect()
        };
        (of(Severity::Error), of(Severity::Warning))
    }

    fn render_one(&self, finding: &Diagnostic, renderer: &Renderer) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(normalize_untrusted_str(&finding.title));
        let group = Group::with_title(title);
        let Some(place) = finding.place else {
            // Without lines to point into, advice stands below the title and is not indented.
            let helps = finding.help.iter();
            let helps = helps.map(|help| Level::HELP.primary_title(normalize_untrusted_str(help)));
            let groups = std::iter::once(group).chain(helps.map(Group::with_title));
            let lines: Vec<String> = groups.map(|group| renderer.render(&[group])).collect();
            return lines.join("\n");
        };
        let mut group = self.point_at(group, place, &finding.label);
        for help in &finding.help {
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        renderer.render(&[group])
    }

    /// Adds the lines around a place. Only they are given to the renderer: it walks all it gets.
    fn point_at<'a>(&'a self, group: Group<'a>, place: Place, label: &str) -> Group<'a> {
        let Some(source) = self.sources.get(index(place.source.0)) else {
            return group;
        };
        let text = source.text.as_str();
        let start = floor_boundary(text, place.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |length| start + length);
        let line_number = text[..line_start].matches('\n').count() + 1;
        if line_end - line_start > MAX_LINE {
            let column = text[line_start..start].chars().count() + 1;
            let origin = Origin::path(source.name.as_str())
                .line(line_number)
                .char_column(column);
            return group.element(origin).elements(
                (!label.is_empty()).then(|| Level::NOTE.message(normalize_untrusted_str(label))),
            );
        }
        let end = floor_boundary(text, place.end).clamp(start, line_end);
        let span: Range<usize> = (start - line_start)..(end - line_start);
        let annotation = AnnotationKind::Primary
            .span(span)
            .label(normalize_untrusted_str(label));
        let line = text[line_start..line_end].trim_end_matches('\r');
        group.element(
            Snippet::source(line)
                .path(source.name.as_str())
                .line_start(line_number)
                .annotation(annotation),
        )
    }

    pub(crate) fn add_source(&mut self, name: impl Into<String>, text: String) -> SourceId {
        let source = SourceId(id(self.sources.len()));
        self.sources.push(Source {
            name: name.into(),
            text,
        });
        source
    }

    /// Notes that the scenario names a file.
    pub(crate) fn add_file(&mut self, name: &str, path: PathBuf) {
        self.files.insert(name.to_owned(), path);
    }

    /// The files that the scenario names.
    pub(crate) fn take_files(&mut self) -> BTreeMap<String, PathBuf> {
        std::mem::take(&mut self.files)
    }

    /// The text that a place covers.
    pub(crate) fn text_at(&self, place: Place) -> &str {
        let source = self.sources.get(index(place.source.0));
        source
            .and_then(|source| source.text.get(place.start..place.end))
            .unwrap_or_default()
    }

    pub(crate) fn error(&mut self, place: Place, title: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Error, Some(place), title.into())
    }

    pub(crate) fn warning(&mut self, place: Place, title: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Warning, Some(place), title.into())
    }

    /// A warning that something is not used or has no effect. Beside an error it is not told: it
    /// may have an effect once that is mended.
    pub(crate) fn warning_of_no_effect(
        &mut self,
        place: Place,
        title: impl Into<String>,
    ) -> &mut Diagnostic {
        let finding = self.warning(place, title);
        finding.may_follow = true;
        finding
    }

    /// Drops warnings that may only follow from an error, where there is one.
    pub(crate) fn drop_what_may_follow(&mut self) {
        if self.has_errors() {
            self.findings.retain(|finding| !finding.may_follow);
        }
    }

    /// An error about a whole file or the arguments.
    pub(crate) fn error_without_place(&mut self, title: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Error, None, title.into())
    }

    /// The finding that was added last, to say more about it.
    ///
    /// # Panics
    /// When there is none: a fault of the caller.
    pub(crate) fn last(&mut self) -> &mut Diagnostic {
        self.findings
            .last_mut()
            .expect("called after a finding was added")
    }

    fn push(&mut self, severity: Severity, place: Option<Place>, title: String) -> &mut Diagnostic {
        let (label, help) = (String::new(), Vec::new());
        self.findings.push(Diagnostic {
            severity,
            place,
            title,
            label,
            help,
            may_follow: false,
        });
        self.findings
            .last_mut()
            .expect("a finding has just been added")
    }
}

fn renderer(color: bool) -> Renderer {
    if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Why a scenario could not be loaded: at least one error, and the warnings beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError(pub(super) Diagnostics);

impl LoadError {
    /// Everything that was found.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.0
    }

    /// Everything that was found, errors first, ready for a terminal.
    pub fn render(&self, color: bool) -> String {
        self.0.render(color)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for LoadError {}
