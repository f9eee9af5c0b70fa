//! CSV files of a pool: capacity `start_s,end_s,nodes`, prices `time,price`.

use std::path::Path;

use crate::scenario::check::trace::reason;
use crate::units::{Decimal, HourlyRate, NotRepresentable, SimTime, nearest};

use super::intervals::{Interval, IntervalFault, MOST_NODES};

/// No file is longer.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const CAPACITY: [&str; 3] = ["start_s", "end_s", "nodes"];
const PRICES: [&str; 2] = ["time", "price"];

/// What is wrong with a file, where, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

/// A row: its fields in the order of the wanted columns.
struct Row {
    /// From 1, without the header.
    number: usize,
    line: u64,
    fields: Vec<String>,
}

impl Row {
    fn fault(&self, what: impl std::fmt::Display, help: impl Into<String>) -> Fault {
        Fault {
            message: format!("row {} (line {}): {what}", self.number, self.line),
            help: help.into(),
        }
    }

    /// Decimal seconds, exact to a millisecond.
    fn time(&self, place: usize, columns: &[&str]) -> Result<SimTime, Fault> {
        let text = self.fields[place].as_str();
        let why = match Decimal::parse(text).map(|number| number.times(1_000)) {
            Ok(Ok(at)) => return Ok(SimTime(at)),
            Ok(Err(NotRepresentable::NotWhole)) => "is finer than a millisecond".to_owned(),
            Ok(Err(NotRepresentable::TooLarge)) => "is too large".to_owned(),
            Err(reason) => reason,
        };
        let what = format!("`{}` is `{text}`, which {why}", columns[place]);
        Err(self.fault(
            what,
            "times are seconds since the start of the run, such as 195 or 0.5",
        ))
    }
}

/// The text of a file that is there.
pub(super) fn read_text(path: &Path) -> Result<String, Fault> {
    let fault = |message: String, help: &str| Fault {
        message,
        help: help.to_owned(),
    };
    let unreadable = |error: std::io::Error| fault(reason(&error), "check the file");
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        let message = format!("the file has {length} bytes; the limit is {MOST_BYTES} (64 MiB)");
        return Err(fault(message, "leave out rows that change nothing"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| {
        let help = "a plain CSV file in UTF-8 is expected; unpack a compressed one";
        fault("the file is no text".to_owned(), help)
    })
}

/// Reads a trace of capacity.
pub(super) fn read_capacity(text: &str) -> Result<Vec<Interval>, Fault> {
    let mut intervals: Vec<Interval> = Vec::new();
    for row in rows(text, &CAPACITY)? {
        let nodes = row.fields[2].as_str();
        let is_whole = !nodes.is_empty() && nodes.bytes().all(|byte| byte.is_ascii_digit());
        let nodes = match nodes.parse::<u32>() {
            Ok(count) if is_whole && count <= MOST_NODES => count,
            _ => {
                let what = format!("`nodes` is `{nodes}`, which is no number of instances");
                let help = format!("expected a whole number from 0 to {MOST_NODES}");
                return Err(row.fault(what, help));
            }
        };
        let interval = Interval {
            start: row.time(0, &CAPACITY)?,
            end: row.time(1, &CAPACITY)?,
            nodes,
        };
        let checked = interval.check(intervals.last(), |at| {
            let (whole, rest) = (at.0 / 1_000, at.0 % 1_000);
            let text = format!("{whole}.{rest:03}");
            format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
        });
        if let Err(IntervalFault { message, help }) = checked {
            return Err(row.fault(message, help));
        }
        intervals.push(interval);
    }
    Ok(intervals)
}

/// Reads a series of prices.
pub(super) fn read_prices(text: &str) -> Result<Vec<(SimTime, HourlyRate)>, Fault> {
    let mut steps: Vec<(SimTime, HourlyRate)> = Vec::new();
    for row in rows(text, &PRICES)? {
        let at = row.time(0, &PRICES)?;
        let rate = HourlyRate::parse(&row.fields[1]).map_err(|why| {
            let what = format!("`price` is `{}`, which {why}", row.fields[1]);
            row.fault(what, "prices are US dollars an hour, such as 0.035")
        })?;
        if steps.last().is_some_and(|(last, _)| *last >= at) {
            let what = "its time is not after that of the row ahead of it";
            return Err(row.fault(
                what,
                "put the rows in order of time, each at a time of its own",
            ));
        }
        steps.push((at, rate));
    }
    Ok(steps)
}

/// The rows of a CSV text with these columns, in any order.
fn rows(text: &str, columns: &[&str]) -> Result<Vec<Row>, Fault> {
    let expected = format!("the first line is `{}`", columns.join(","));
    let fault = |message: String, help: &str| Fault {
        message,
        help: help.to_owned(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(fault("the file is empty".to_owned(), &expected));
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| fault(error.to_string(), "each row has a value a column");
    let header = reader.headers().map_err(broken)?.clone();
    let places = places(&header, columns).map_err(|message| fault(message, &expected))?;
    let mut rows = Vec::new();
    for (record, number) in reader.records().zip(1..) {
        let record =
            record.map_err(|error| unequal(&error, number).unwrap_or_else(|| broken(error)))?;
        let field = |place: &usize| record.get(*place).unwrap_or_default().to_owned();
        rows.push(Row {
            number,
            line: record.position().map_or(0, csv::Position::line),
            fields: places.iter().map(field).collect(),
        });
    }
    if rows.is_empty() {
        let help = "add at least one row below the header";
        return Err(fault("the file has no rows".to_owned(), help));
    }
    Ok(rows)
}

/// What is wrong with a row that has more or fewer fields than the header.
fn unequal(error: &csv::Error, number: usize) -> Option<Fault> {
    let csv::ErrorKind::UnequalLengths {
        pos,
        expected_len,
        len,
    } = error.kind()
    else {
        return None;
    };
    let row = Row {
        number,
        line: pos.as_ref().map_or(0, csv::Position::line),
        fields: Vec::new(),
    };
    let fields = if *len == 1 { "field" } else { "fields" };
    let what = format!("{len} {fields}; the header has {expected_len}");
    Some(row.fault(what, "each row has a value a column"))
}

/// Where each wanted column stands.
fn places(header: &csv::StringRecord, columns: &[&str]) -> Result<Vec<usize>, String> {
    for (at, name) in header.iter().enumerate() {
        if !columns.contains(&name) {
            let near = nearest(name, columns.iter().copied());
            let meant = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("the header has the unknown column `{name}`{meant}"));
        }
        if header.iter().take(at).any(|other| other == name) {
            return Err(format!("column `{name}` stands in the header twice"));
        }
    }
    let place = |column: &&str| {
        let found = header.iter().position(|name| name == *column);
        found.ok_or_else(|| format!("the header lacks the column `{column}`"))
    };
    columns.iter().map(place).collect()
}
