//! The rows of `sweep.csv`: one a run, each on one line.

use crate::experiment::sweep::{Identity, Row, RunNumbers};
use crate::units::Fixed;

/// Columns before the paths.
const FIRST: [&str; 4] = ["run", "cell", "replication", "seed"];
/// The column behind the figures.
const LAST: &str = "digest";

/// The columns of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The paths that vary.
    pub paths: Vec<String>,
    /// The figures.
    pub figures: Vec<String>,
}

impl Columns {
    /// Those of a sweep.
    pub fn of(identity: &Identity) -> Self {
        Self {
            paths: identity.paths.clone(),
            figures: identity.figures.clone(),
        }
    }

    /// Their names in order.
    pub fn names(&self) -> Vec<&str> {
        let varied = self.paths.iter().chain(&self.figures).map(String::as_str);
        FIRST.into_iter().chain(varied).chain([LAST]).collect()
    }

    /// The first line, with its end.
    pub fn header(&self) -> String {
        line(self.names())
    }
}

/// A row as a line, without its end.
pub(super) fn row_line(row: &Row) -> String {
    let numbers = row.numbers;
    let first = [numbers.run, numbers.cell, numbers.replication, row.seed];
    let first = first.map(|number| number.to_string());
    let values = row.values.iter().map(Option::clone);
    let figures = row.figures.iter();
    let figures = figures.map(|figure| figure.map(|number| number.to_string()));
    let middle = values.chain(figures).map(Option::unwrap_or_default);
    let fields = first.into_iter().chain(middle).chain([row.digest.clone()]);
    let mut text = line(fields);
    text.pop();
    text
}

fn line(fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(fields)
        .expect("memory takes all, and a row has fields");
    let bytes = writer.into_inner().expect("memory takes all");
    String::from_utf8(bytes).expect("fields are text")
}

/// The number of the run that a line is about.
pub(super) fn run_of(line: &str) -> Option<u64> {
    line.split_once(',')?.0.parse().ok().filter(|run| *run > 0)
}

/// The rows of a sweep, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub columns: Columns,
    /// Its rows in the order of their runs.
    pub rows: Vec<TableRow>,
}

/// A row, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Which run it was.
    pub numbers: RunNumbers,
    /// The seed of the run.
    pub seed: u64,
    /// The values of the paths; none where the cell leaves one as it is.
    pub values: Vec<Option<String>>,
    /// The figures; none where a run has none.
    pub figures: Vec<Option<Fixed>>,
    /// The fingerprint of the run.
    pub digest: String,
}

impl Table {
    /// Reads lines without their header; none when one of them is no row of these columns.
    pub(super) fn read<'a>(
        columns: &Columns,
        lines: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let rows: Option<Vec<TableRow>> = lines
            .into_iter()
            .map(|line| read_row(columns, line))
            .collect();
        Some(Self {
            columns: columns.clone(),
            rows: rows?,
        })
    }
}

fn read_row(columns: &Columns, line: &str) -> Option<TableRow> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    let varied = FIRST.len() + columns.paths.len();
    let digest = varied + columns.figures.len();
    if record.len() != digest + 1 {
        return None;
    }
    let number = |place: usize| record.get(place)?.parse::<u64>().ok();
    let figure = |text: &str| match text {
        "" => Some(None),
        _ => Fixed::parse(text).ok().map(Some),
    };
    let fields = |from: usize, to: usize| record.iter().skip(from).take(to - from);
    let value = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Some(TableRow {
        numbers: RunNumbers {
            run: number(0)?,
            cell: number(1)?,
            replication: number(2)?,
        },
        seed: number(3)?,
        values: fields(FIRST.len(), varied).map(value).collect(),
        figures: fields(varied, digest).map(figure).collect::<Option<_>>()?,
        digest: record.get(digest)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Columns, Table, row_line, run_of};
    use crate::experiment::sweep::{Row, RunNumbers};
    use crate::units::Fixed;

    #[test]
    fn a_row_is_one_line_and_reads_back_as_it_was() {
        let columns = Columns {
            paths: vec!["a.b".to_owned(), "c,d".to_owned()],
            figures: vec![
                "cost.totalUsd".to_owned(),
                "placement.waitMs.p99".to_owned(),
            ],
        };
        let row = Row {
            numbers: RunNumbers {
                run: 12,
                cell: 4,
                replication: 3,
            },
            seed: u64::MAX,
            values: vec![None, Some("{\"x\":\"1, 2\"}".to_owned())],
            figures: vec![Some(Fixed::parse("0.192").unwrap()), None],
            digest: "0f".to_owned(),
        };
        assert_eq!(
            columns.header(),
            "run,cell,replication,seed,a.b,\"c,d\",cost.totalUsd,placement.waitMs.p99,digest\n"
        );
        let line = row_line(&row);
        assert_eq!(
            line,
            "12,4,3,18446744073709551615,,\"{\"\"x\"\":\"\"1, 2\"\"}\",0.192,,0f"
        );
        assert_eq!(run_of(&line), Some(12));
        let table = Table::read(&columns, [line.as_str()]).unwrap();
        let read = &table.rows[0];
        assert_eq!((read.numbers, read.seed), (row.numbers, row.seed));
        assert_eq!((&read.values, &read.figures), (&row.values, &row.figures));
        assert_eq!(read.digest, row.digest);
    }

    #[test]
    fn what_is_no_row_is_not_taken_for_one() {
        let columns = Columns {
            paths: vec!["a".to_owned()],
            figures: vec!["f".to_owned()],
        };
        let reads = |line: &str| Table::read(&columns, [line]).is_some();
        assert!(reads("1,1,1,7,2,0.5,ab"));
        for wrong in [
            "",
            "1,1,1,7,2,0.5",
            "1,1,1,7,2,x,ab",
            "x,1,1,7,2,0.5,ab",
            "1,1,1,7,2,0.5,ab,",
        ] {
            assert!(!reads(wrong), "{wrong}");
        }
        assert_eq!(
            (run_of("0,1"), run_of("run,cell"), run_of("7")),
            (None, None, None)
        );
    }
}
