//! Traces: a CSV file with a row a task, plain or gzip, read as the simulation goes along.
//!
//! `submit_s,duration_s,cpu,memory[,gpu,name,task_definition]`: the header is required, columns
//! stand in any order. Times are decimal seconds, `cpu` CPU units, `memory` MiB.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use flate2::bufread::MultiGzDecoder;
use thiserror::Error;

use super::number::{self, MOST_SECONDS, NumberFault};
use super::spec::TraceSpec;
use crate::model::TaskDefinitionId;
use crate::units::{CpuUnits, MemoryMib, Millis, SimTime, nearest};

/// What is wrong with a trace, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}: {message}", .path.display(), Place(.row, .line, .column))]
pub struct TraceError {
    /// The file.
    pub path: PathBuf,
    /// The row, counted from 1 without the header; `None` when the fault is the file's or the
    /// header's.
    pub row: Option<u64>,
    /// The line of the file, counted from 1.
    pub line: Option<u64>,
    /// The column's name in the header.
    pub column: Option<String>,
    /// What was found and what is expected.
    pub message: String,
}

/// Row, line and column as they stand between the path and the message.
struct Place<'a>(&'a Option<u64>, &'a Option<u64>, &'a Option<String>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(row), Some(line)) => write!(f, ": row {row} (line {line})")?,
            (Some(row), None) => write!(f, ": row {row}")?,
            (None, Some(line)) => write!(f, ": line {line}")?,
            (None, None) => {}
        }
        match self.2 {
            Some(column) => write!(f, ", column `{column}`"),
            None => Ok(()),
        }
    }
}

/// What a trace holds, found by reading it through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceSummary {
    /// Rows: tasks.
    pub rows: u64,
    /// The earliest `submit_s`.
    pub first: Option<SimTime>,
    /// The latest `submit_s`.
    pub last: Option<SimTime>,
    /// Rows without a duration, which run until the end.
    pub until_end: u64,
    /// The largest `cpu` that a row asks for.
    pub largest_cpu: Option<CpuUnits>,
    /// The largest `memory` that a row asks for.
    pub largest_memory: Option<MemoryMib>,
    /// The largest `gpu` that a row asks for.
    pub largest_gpus: Option<u32>,
}

/// Reads a trace through and checks every row.
///
/// `has_default_definition`: whether the entry names a task definition, so that rows may leave
/// `cpu` and `memory` to it.
///
/// # Errors
/// The first fault of the file.
pub fn scan_trace(
    spec: &TraceSpec,
    has_default_definition: bool,
) -> Result<TraceSummary, TraceError> {
    let mut reader = TraceReader::open(spec, has_default_definition)?;
    let mut summary = TraceSummary::default();
    while let Some(row) = reader.next_row()? {
        summary.rows += 1;
        summary.first = Some(
            summary
                .first
                .map_or(row.submit, |first| first.min(row.submit)),
        );
        summary.last = summary.last.max(Some(row.submit));
        summary.until_end += u64::from(row.duration.is_none());
        summary.largest_cpu = summary.largest_cpu.max(row.cpu);
        summary.largest_memory = summary.largest_memory.max(row.memory);
        summary.largest_gpus = summary.largest_gpus.max(row.gpus);
    }
    Ok(summary)
}

/// A checked row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceRow {
    pub(super) submit: SimTime,
    /// `None` runs until the end.
    pub(super) duration: Option<Millis>,
    pub(super) cpu: Option<CpuUnits>,
    pub(super) memory: Option<MemoryMib>,
    pub(super) gpus: Option<u32>,
    pub(super) name: Option<Box<str>>,
    pub(super) definition: Option<TaskDefinitionId>,
}

/// Gives the rows of a file one after the other; keeps one row in memory.
pub(super) struct TraceReader {
    path: PathBuf,
    csv: csv::Reader<Box<dyn Read + Send>>,
    record: ByteRecord,
    columns: Columns,
    definitions: Vec<(String, TaskDefinitionId)>,
    has_default_definition: bool,
    sorted: bool,
    rows: u64,
    last_submit: SimTime,
    /// The place of the last row's definition: most rows name the same again.
    last_definition: usize,
}

/// The columns' names; the first four are required.
const NAMES: [&str; 7] = [
    "submit_s",
    "duration_s",
    "cpu",
    "memory",
    "gpu",
    "name",
    "task_definition",
];
const REQUIRED: usize = 4;
const HEADER: &str = "submit_s,duration_s,cpu,memory[,gpu,name,task_definition]";

/// Where each column stands in the file.
struct Columns {
    submit: usize,
    duration: usize,
    cpu: usize,
    memory: usize,
    gpus: Option<usize>,
    name: Option<usize>,
    definition: Option<usize>,
    count: usize,
}

pub(super) const BUFFER: usize = 1 << 16;

impl TraceReader {
    pub(super) fn open(spec: &TraceSpec, has_default_definition: bool) -> Result<Self, TraceError> {
        let input = open_text(&spec.path).map_err(|message| file_error(&spec.path, message))?;
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(input);
        let mut record = ByteRecord::new();
        match csv.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Err(file_error(&spec.path, EMPTY)),
            Err(error) => return Err(file_error(&spec.path, read_fault(&error))),
        }
        let columns = Columns::from_header(&record).map_err(|(column, message)| TraceError {
            line: Some(1),
            column,
            ..file_error(&spec.path, message)
        })?;
        Ok(Self {
            path: spec.path.clone(),
            csv,
            record,
            columns,
            definitions: spec.definitions.clone(),
            has_default_definition,
            sorted: spec.sorted,
            rows: 0,
            last_submit: SimTime::ZERO,
            last_definition: 0,
        })
    }

    /// The next row, or `None` at the end of the file.
    pub(super) fn next_row(&mut self) -> Result<Option<TraceRow>, TraceError> {
        match self.csv.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                let message = read_fault(&error);
                return Err(TraceError {
                    row: Some(self.rows + 1),
                    ..self.fault(message)
                });
            }
        }
        self.rows += 1;
        self.read_row().map(Some).map_err(|(column, message)| {
            let line = self.record.position().map(csv::Position::line);
            let column = column.map(str::to_owned);
            TraceError {
                row: Some(self.rows),
                line,
                column,
                ..self.fault(message)
            }
        })
    }

    fn fault(&self, message: impl Into<String>) -> TraceError {
        file_error(&self.path, message)
    }

    fn field(&self, column: usize) -> &[u8] {
        self.record[column].trim_ascii()
    }

    fn optional(&self, column: Option<usize>) -> &[u8] {
        column.map_or(&[], |column| self.field(column))
    }

    fn read_row(&mut self) -> Result<TraceRow, Fault> {
        if self.record.len() != self.columns.count {
            let (found, expected) = (self.record.len(), self.columns.count);
            return Err((
                None,
                format!("found {found} fields; the header has {expected}"),
            ));
        }
        let submit = seconds("submit_s", self.field(self.columns.submit))?
            .ok_or_else(|| (Some("submit_s"), format!("is empty; expected {SECONDS}")))?;
        let submit = SimTime(submit);
        if self.sorted && submit < self.last_submit {
            return Err(self.out_of_order());
        }
        self.last_submit = submit;
        let duration = seconds("duration_s", self.field(self.columns.duration))?.map(Millis);
        let definition = self.definition()?;
        let has_definition = definition.is_some() || self.has_default_definition;
        let amount = |name, column| -> Result<Option<u32>, Fault> {
            match whole(name, self.field(column))? {
                None if !has_definition => Err((
                    Some(name),
                    "is empty, and there is no task definition to take it from; expected a number"
                        .to_owned(),
                )),
                amount => Ok(amount),
            }
        };
        Ok(TraceRow {
            submit,
            duration,
            cpu: amount("cpu", self.columns.cpu)?.map(CpuUnits),
            memory: amount("memory", self.columns.memory)?.map(MemoryMib),
            gpus: whole("gpu", self.optional(self.columns.gpus))?,
            name: self.name()?,
            definition,
        })
    }

    fn name(&self) -> Result<Option<Box<str>>, Fault> {
        let name = self.optional(self.columns.name);
        if name.is_empty() {
            return Ok(None);
        }
        match std::str::from_utf8(name) {
            Ok(name) => Ok(Some(name.into())),
            Err(_) => Err((
                Some("name"),
                format!("found {}; expected UTF-8 text", quoted(name)),
            )),
        }
    }

    fn definition(&mut self) -> Result<Option<TaskDefinitionId>, Fault> {
        let name = self.optional(self.columns.definition);
        if name.is_empty() {
            return Ok(None);
        }
        if let Some((known, id)) = self.definitions.get(self.last_definition)
            && known.as_bytes() == name
        {
            return Ok(Some(*id));
        }
        match self
            .definitions
            .binary_search_by(|(known, _)| known.as_bytes().cmp(name))
        {
            Ok(place) => {
                self.last_definition = place;
                Ok(Some(self.definitions[place].1))
            }
            Err(_) => Err((Some("task_definition"), self.unknown_definition(name))),
        }
    }

    fn unknown_definition(&self, name: &[u8]) -> String {
        let known = self.definitions.iter().map(|(known, _)| known.as_str());
        let hint = match nearest(&String::from_utf8_lossy(name), known) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        format!("the scenario has no task definition {}{hint}", quoted(name))
    }

    fn out_of_order(&self) -> Fault {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let message = format!(
            "found {}, earlier than the row before; rows stand in order of submit_s, unless \
             `trace: {{file: {file}, sorted: false}}` has the file read whole and sorted",
            quoted(self.field(self.columns.submit)),
        );
        (Some("submit_s"), message)
    }
}

/// The column at fault and the message.
type Fault = (Option<&'static str>, String);

const SECONDS: &str = "seconds as a plain decimal number, such as 12.5";
pub(super) const EMPTY: &str = "the file is empty; expected a header";

pub(super) fn file_error(path: &Path, message: impl Into<String>) -> TraceError {
    TraceError {
        path: path.to_owned(),
        row: None,
        line: None,
        column: None,
        message: message.into(),
    }
}

pub(super) fn read_fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => io_fault(error),
        _ => format!("cannot be read as CSV: {error}"),
    }
}

fn io_fault(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::UnexpectedEof => "the gzip file is cut off: its end is missing".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The file's text, unpacked when its first bytes are those of gzip.
pub(super) fn open_text(path: &Path) -> Result<Box<dyn Read + Send>, String> {
    let fault = |error: io::Error| io_fault(&error);
    let file = File::open(path).map_err(fault)?;
    if file.metadata().map_err(fault)?.is_dir() {
        return Err("is a directory; expected a CSV file".to_owned());
    }
    let mut packed = BufReader::with_capacity(BUFFER, file);
    let is_gzip = packed.fill_buf().map_err(fault)?.starts_with(&[0x1f, 0x8b]);
    let input: Box<dyn Read + Send> = if is_gzip {
        Box::new(MultiGzDecoder::new(packed))
    } else {
        Box::new(packed)
    };
    let mut text = BufReader::with_capacity(BUFFER, input);
    let beginning = text.fill_buf().map_err(fault)?;
    if beginning.is_empty() {
        return Err(EMPTY.to_owned());
    }
    if beginning.contains(&0) {
        return Err("is no text file; expected CSV, plain or gzip".to_owned());
    }
    Ok(Box::new(text))
}

impl Columns {
    fn from_header(header: &ByteRecord) -> Result<Self, (Option<String>, String)> {
        let mut places: [Option<usize>; NAMES.len()] = [None; NAMES.len()];
        for (place, field) in header.iter().enumerate() {
            let field = field.trim_ascii();
            let Some(column) = NAMES.iter().position(|name| name.as_bytes() == field) else {
                return Err((None, unknown_column(field, place)));
            };
            if places[column].replace(place).is_some() {
                let message = "stands in the header twice".to_owned();
                return Err((Some(NAMES[column].to_owned()), message));
            }
        }
        let missing: Vec<&str> = NAMES[..REQUIRED]
            .iter()
            .zip(&places)
            .filter_map(|(name, place)| place.is_none().then_some(*name))
            .collect();
        let [
            Some(submit),
            Some(duration),
            Some(cpu),
            Some(memory),
            gpus,
            name,
            definition,
        ] = places
        else {
            let (noun, names) = (
                if missing.len() == 1 {
                    "column"
                } else {
                    "columns"
                },
                missing.join("`, `"),
            );
            return Err((
                None,
                format!("the header lacks the {noun} `{names}`; expected {HEADER}, in any order"),
            ));
        };
        let count = header.len();
        Ok(Self {
            submit,
            duration,
            cpu,
            memory,
            gpus,
            name,
            definition,
            count,
        })
    }
}

fn unknown_column(field: &[u8], place: usize) -> String {
    if place == 0 && field.first().is_some_and(u8::is_ascii_digit) {
        return format!(
            "found {} where the header belongs; expected {HEADER}",
            quoted(field)
        );
    }
    match nearest(&String::from_utf8_lossy(field), NAMES) {
        Some(near) => format!("unknown column {}; did you mean `{near}`?", quoted(field)),
        None => format!(
            "unknown column {}; expected {HEADER}, in any order",
            quoted(field)
        ),
    }
}

/// A field as a message shows it: no line breaks, not endless.
pub(super) fn quoted(field: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(field);
    let shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    let rest = if text.chars().nth(LONGEST).is_some() {
        "..."
    } else {
        ""
    };
    format!("`{shown}{rest}`")
}

/// Milliseconds, or `None` of an empty field.
fn seconds(column: &'static str, field: &[u8]) -> Result<Option<u64>, Fault> {
    if field.is_empty() {
        return Ok(None);
    }
    number::milliseconds(field).map(Some).map_err(|fault| {
        let found = quoted(field);
        let message = match fault {
            NumberFault::NotANumber => format!("found {found}; expected {SECONDS}"),
            NumberFault::Negative => format!("found {found}; expected 0 or more seconds"),
            NumberFault::TooLarge => {
                format!("found {found}; expected at most {MOST_SECONDS} seconds")
            }
        };
        (Some(column), message)
    })
}

/// A whole number, or `None` of an empty field.
fn whole(column: &'static str, field: &[u8]) -> Result<Option<u32>, Fault> {
    if field.is_empty() {
        return Ok(None);
    }
    number::whole(field).map(Some).map_err(|fault| {
        let unit = match column {
            "cpu" => "a whole number of CPU units (1,024 to a vCPU)",
            "memory" => "a whole number of MiB",
            _ => "a whole number of GPUs",
        };
        let found = quoted(field);
        let message = match fault {
            NumberFault::NotANumber => format!("found {found}; expected {unit}"),
            NumberFault::Negative => format!("found {found}; expected {unit}, 0 or more"),
            NumberFault::TooLarge => format!("found {found}; expected at most {}", u32::MAX),
        };
        (Some(column), message)
    })
}

#[cfg(test)]
mod tests;
