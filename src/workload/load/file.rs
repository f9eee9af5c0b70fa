//! Rates of a CSV file: what a scenario says of it, and its rows, checked.
//!
//! A row is a point of time and a value. Series as they are published are read without editing:
//! times as timestamps or as numbers from the start of the file, any columns beside, plain or gzip.

use std::path::PathBuf;

use csv::ByteRecord;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Factor;
use super::series::Series;
use crate::units::{Millis, RequestRate, nearest};
use crate::workload::number::{self, MOST_SECONDS, MOST_VALUE, NumberFault};
use crate::workload::trace::{
    BUFFER, EMPTY, TraceError, file_error, open_text, quoted, read_fault,
};

/// A CSV file of request rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateFile {
    /// The file, plain or gzip (by its content, not its name).
    pub path: PathBuf,
    /// The column of times; `None` is the first.
    pub time_column: Option<String>,
    /// The column of values; `None` is the second of a file that has two.
    pub value_column: Option<String>,
    /// How times are written; `None` is told from the first row and the column's name.
    pub time_form: Option<TimeForm>,
    /// What a value counts the requests of.
    pub per: ValuePeriod,
    /// Multiplies every value.
    pub scale: Factor,
    /// What holds between rows.
    pub between: Between,
    /// Where on the clock of the run the rows lie.
    pub alignment: Alignment,
    /// What follows the last row.
    pub when_over: WhenOver,
}

/// How the times of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeForm {
    /// `2014-04-10 00:04:00`, taken as UTC, or RFC 3339 with its own offset.
    Timestamp,
    /// Decimal numbers from the start of the file, of this unit.
    Number(Millis),
}

/// What a value counts the requests of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValuePeriod {
    /// A span of time: a second makes values rates, a minute counts by the minute.
    Span(Millis),
    /// The period of the file: the distance from row to row that occurs most often (of equally
    /// frequent ones the shortest).
    Row,
}

/// What holds between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Between {
    /// The earlier row's value.
    #[default]
    Hold,
    /// The straight line between them; the last row holds, or leads to the first one again.
    Linear,
}

/// Where on the clock of the run the rows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// The first row falls on the scenario's start.
    #[default]
    FirstRow,
    /// Each row at its own time: timestamps by the calendar, numbers from the scenario's start.
    OwnTime,
}

/// What follows the last row, which lasts for one period of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenOver {
    /// No requests, nor before the first row.
    #[default]
    End,
    /// The rows begin anew, before the first row as well.
    Repeat,
}

/// What a file of rates holds, found by reading it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSummary {
    /// Rows.
    pub rows: u64,
    /// From the first row to the end of the last one.
    pub length: Millis,
    /// The distance from row to row that occurs most often.
    pub period: Millis,
    /// The highest rate of a row, times the scale of the file.
    pub peak: RequestRate,
    /// How often rows lie further apart than one period.
    pub gaps: u64,
}

impl RateFile {
    /// A file of which nothing is said but where it is: times and values in its two columns, values
    /// counted by the period of the rows.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            time_column: None,
            value_column: None,
            time_form: None,
            per: ValuePeriod::Row,
            scale: Factor::ONE,
            between: Between::default(),
            alignment: Alignment::default(),
            when_over: WhenOver::default(),
        }
    }

    /// Reads the file through and checks every row.
    ///
    /// # Errors
    /// The first fault of the file.
    pub fn scan(&self) -> Result<RateSummary, TraceError> {
        Ok(self.read()?.summary(self.scale))
    }

    /// The mean rate over each minute of a run that begins at `start`, times `factor`.
    pub(super) fn minutes(
        &self,
        start: Timestamp,
        minutes: u64,
        factor: Factor,
    ) -> Result<Vec<RequestRate>, TraceError> {
        let series = self.read()?;
        let origin = match self.alignment {
            Alignment::FirstRow => 0,
            Alignment::OwnTime => series.origin(start),
        };
        let factor = self.scale.times(factor);
        let mean = |minute: u64| series.mean(i128::from(minute) * 60_000 - origin, factor);
        Ok((0..minutes).map(mean).collect())
    }

    fn read(&self) -> Result<Series, TraceError> {
        let mut reader = RateReader::open(self)?;
        let mut rows: Vec<(i64, u64)> = Vec::new();
        while let Some((time, value)) = reader.next_row()? {
            if rows.last().is_some_and(|(before, _)| *before >= time) {
                return Err(reader.row_fault(reader.time, OUT_OF_ORDER));
            }
            rows.push((time, value));
        }
        if rows.is_empty() {
            return Err(file_error(
                &self.path,
                "has a header and no row; expected one at least",
            ));
        }
        let is_calendar = reader.form == Some(TimeForm::Timestamp);
        let built = Series::new(&rows, is_calendar, self);
        built.ok_or_else(|| file_error(&self.path, ONE_ROW))
    }
}

const OUT_OF_ORDER: &str = "is not later than the row before; rows stand in order of time, each \
    time once: sort the file by this column";
const ONE_ROW: &str = "has one row, and so no period that its value could count; say what values \
    count: per second or per minute";
const TIMESTAMP: &str = "a time such as 2014-04-10 00:04:00 or 2014-04-10T00:04:00Z";

/// Gives the rows of a file one after the other.
struct RateReader<'a> {
    file: &'a RateFile,
    csv: csv::Reader<Box<dyn std::io::Read + Send>>,
    names: Vec<String>,
    time: usize,
    value: usize,
    form: Option<TimeForm>,
    record: ByteRecord,
    rows: u64,
}

impl<'a> RateReader<'a> {
    fn open(file: &'a RateFile) -> Result<Self, TraceError> {
        let fault = |message: String| file_error(&file.path, message);
        let input = open_text(&file.path).map_err(fault)?;
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(input);
        let mut record = ByteRecord::new();
        match csv.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Err(fault(EMPTY.to_owned())),
            Err(error) => return Err(fault(read_fault(&error))),
        }
        let names: Vec<String> = record
            .iter()
            .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
            .collect();
        let (time, value) = columns(file, &names).map_err(|message| TraceError {
            line: Some(1),
            ..fault(message)
        })?;
        Ok(Self {
            file,
            csv,
            names,
            time,
            value,
            form: file.time_form,
            record,
            rows: 0,
        })
    }

    /// Milliseconds (since 1970, or from the start of the file) and the value in millionths.
    fn next_row(&mut self) -> Result<Option<(i64, u64)>, TraceError> {
        match self.csv.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                return Err(TraceError {
                    row: Some(self.rows + 1),
                    ..file_error(&self.file.path, read_fault(&error))
                });
            }
        }
        self.rows += 1;
        let (found, expected) = (self.record.len(), self.names.len());
        if found != expected {
            let message = format!("found {found} fields; the header has {expected}");
            return Err(TraceError {
                column: None,
                ..self.row_fault(0, message)
            });
        }
        let time = self.read_time()?;
        let value = self.field(self.value);
        match number::millionths(value) {
            Ok(value) => Ok(Some((time, value))),
            Err(fault) => {
                let expected = "requests as a plain number, such as 94.5";
                let message = number_message(value, fault, expected, MOST_VALUE);
                Err(self.row_fault(self.value, message))
            }
        }
    }

    fn field(&self, column: usize) -> &[u8] {
        self.record[column].trim_ascii()
    }

    fn read_time(&mut self) -> Result<i64, TraceError> {
        let form = match self.form {
            Some(form) => form,
            None => self.tell_form()?,
        };
        self.form = Some(form);
        let field = self.field(self.time);
        match form {
            TimeForm::Timestamp => timestamp(field).ok_or_else(|| {
                let message = format!("found {}; expected {TIMESTAMP}", quoted(field));
                self.row_fault(self.time, message)
            }),
            TimeForm::Number(unit) => {
                let millionths = number::millionths(field).map_err(|fault| {
                    let expected = "a plain number from the start of the file, such as 12.5";
                    let message = number_message(field, fault, expected, MOST_VALUE);
                    self.row_fault(self.time, message)
                })?;
                let exact = u128::from(millionths) * u128::from(unit.0);
                let rounded = (exact + 500_000) / 1_000_000;
                i64::try_from(rounded)
                    .ok()
                    .filter(|millis| {
                        *millis / 1_000 <= i64::try_from(MOST_SECONDS).unwrap_or(i64::MAX)
                    })
                    .ok_or_else(|| {
                        let message = format!(
                            "found {}; expected at most {MOST_SECONDS} seconds",
                            quoted(field)
                        );
                        self.row_fault(self.time, message)
                    })
            }
        }
    }

    /// The form of the first row's time, when the scenario does not say it.
    fn tell_form(&self) -> Result<TimeForm, TraceError> {
        let field = self.field(self.time);
        if timestamp(field).is_some() {
            return Ok(TimeForm::Timestamp);
        }
        if number::millionths(field).is_err() {
            let message = format!("found {}; expected {TIMESTAMP}, or a number", quoted(field));
            return Err(self.row_fault(self.time, message));
        }
        let name = self.names[self.time].to_ascii_lowercase();
        let word = name.rsplit(['_', ' ', '-']).next().unwrap_or_default();
        let unit = match word {
            "ms" | "millisecond" | "milliseconds" => Millis(1),
            "s" | "sec" | "second" | "seconds" => Millis::SECOND,
            "m" | "min" | "minute" | "minutes" => Millis::MINUTE,
            "h" | "hour" | "hours" => Millis::HOUR,
            "d" | "day" | "days" => Millis::DAY,
            _ => {
                let message = format!(
                    "found {}, a number whose unit the column's name does not tell; say whether \
                     it is seconds, minutes, hours or days",
                    quoted(field)
                );
                return Err(self.row_fault(self.time, message));
            }
        };
        Ok(TimeForm::Number(unit))
    }

    fn row_fault(&self, column: usize, message: impl Into<String>) -> TraceError {
        TraceError {
            row: Some(self.rows),
            line: self.record.position().map(csv::Position::line),
            column: self.names.get(column).cloned(),
            ..file_error(&self.file.path, message)
        }
    }
}

/// The places of the columns of times and of values.
fn columns(file: &RateFile, names: &[String]) -> Result<(usize, usize), String> {
    let listed = || format!("`{}`", names.join("`, `"));
    // Any number, also one too large to be a rate.
    let looks_like_a_row =
        |name: &String| name.parse::<f64>().is_ok() || timestamp(name.as_bytes()).is_some();
    if names.iter().all(|name| name.trim().is_empty()) {
        return Err("the first line names no column; give the columns names there".to_owned());
    }
    if names.iter().any(looks_like_a_row) {
        return Err(format!(
            "found {} where the header belongs; give the columns names in the first line",
            listed()
        ));
    }
    let place = |wanted: &str| {
        let mut places = names.iter().enumerate().filter(|(_, name)| *name == wanted);
        match (places.next(), places.next()) {
            (Some((place, _)), None) => Ok(place),
            (Some(_), Some(_)) => Err(format!("column `{wanted}` stands in the header twice")),
            (None, _) => Err(match nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) => {
                    format!("the header lacks the column `{wanted}`; did you mean `{near}`?")
                }
                None => format!(
                    "the header lacks the column `{wanted}`; it has {}",
                    listed()
                ),
            }),
        }
    };
    let time = file.time_column.as_deref().map(place).transpose()?;
    let value = file.value_column.as_deref().map(place).transpose()?;
    let found = match (time, value) {
        (Some(time), Some(value)) => (time, value),
        (None, Some(value)) if value > 0 => (0, value),
        (None, None) if names.len() == 2 => (0, 1),
        (Some(time), None) if names.len() == 2 => (time, 1 - time),
        (None, Some(_)) => {
            return Err(
                "the first column is that of the values; name the column of times".to_owned(),
            );
        }
        (None, None) if names.len() == 1 => {
            return Err(format!(
                "the header has one column, {}; expected a comma between columns",
                listed()
            ));
        }
        (_, None) => {
            return Err(format!(
                "the header has {}; name the column of values",
                listed()
            ));
        }
    };
    if found.0 == found.1 {
        return Err(format!(
            "column `{}` cannot be both times and values; name another for one of them",
            names[found.0]
        ));
    }
    Ok(found)
}

/// Milliseconds since 1970.
fn timestamp(field: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(field).ok()?;
    // A date alone would be a midnight, and a bare year no date at all: both want an hour.
    if !text.contains(':') {
        return None;
    }
    if let Ok(point) = text.parse::<Timestamp>() {
        return Some(point.as_millisecond());
    }
    let has_zone = text.ends_with(['Z', 'z', ']']) || text.rsplit(' ').next()?.contains('+');
    if has_zone {
        return None;
    }
    let point = text.parse::<DateTime>().ok()?;
    let point = TimeZone::UTC.to_timestamp(point).ok()?;
    Some(point.as_millisecond())
}

fn number_message(field: &[u8], fault: NumberFault, expected: &str, most: u64) -> String {
    let found = quoted(field);
    match fault {
        NumberFault::NotANumber if field.is_empty() => format!("is empty; expected {expected}"),
        NumberFault::NotANumber => format!("found {found}; expected {expected}"),
        NumberFault::Negative => format!("found {found}; expected {expected}, 0 or more"),
        NumberFault::TooLarge => format!("found {found}; expected at most {most}"),
    }
}
