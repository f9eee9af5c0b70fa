//! The rows of a sweep as a Parquet file.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::report::OutputDir;
use crate::units::Fixed;

use super::directory::PARQUET;
use super::error::SweepFilesError;
use crate::experiment::sweep::Row;

use super::rows::Table;

/// So many rows stand in a group.
const GROUP: usize = 1 << 17;

/// The values of a column, one a row.
enum Values {
    Numbers(Vec<i64>),
    Doubles(Vec<Option<f64>>),
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

/// Writes the rows.
///
/// # Errors
/// When the file cannot be written.
pub fn write(output: &OutputDir, table: &Table) -> std::result::Result<PathBuf, SweepFilesError> {
    let mut bytes = Vec::new();
    encode(table, &mut bytes).map_err(|error| SweepFilesError::Io {
        what: "write",
        path: output.path().join(PARQUET),
        source: std::io::Error::other(error),
    })?;
    Ok(output.write_durably(PARQUET, |to| to.write_all(&bytes))?)
}

fn encode(table: &Table, bytes: &mut Vec<u8>) -> Result<()> {
    let columns = columns(table);
    let names = table.columns.names();
    let fields: Result<Vec<TypePtr>> = names
        .iter()
        .zip(&columns)
        .map(|(name, values)| field(name, values))
        .collect();
    let schema = Type::group_type_builder("sweep")
        .with_fields(fields?)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("ecs-sim ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(bytes, Arc::new(schema), Arc::new(properties))?;
    let mut from = 0;
    while from < table.rows.len() {
        let to = table.rows.len().min(from + GROUP);
        let mut group = writer.next_row_group()?;
        for values in &columns {
            write_column(&mut group, values, (from, to))?;
        }
        group.close()?;
        from = to;
    }
    writer.close()?;
    Ok(())
}

fn field(name: &str, values: &Values) -> Result<TypePtr> {
    let physical = match values {
        Values::Numbers(_) | Values::Integers(_) => Physical::INT64,
        Values::Doubles(_) => Physical::DOUBLE,
        Values::Texts(_) => Physical::BYTE_ARRAY,
    };
    let logical = match values {
        Values::Numbers(_) => Some(LogicalType::integer(64, false)),
        Values::Texts(_) => Some(LogicalType::String),
        Values::Doubles(_) | Values::Integers(_) => None,
    };
    let repetition = match values {
        Values::Numbers(_) => Repetition::REQUIRED,
        _ => Repetition::OPTIONAL,
    };
    let field = Type::primitive_type_builder(name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()?;
    Ok(Arc::new(field))
}

fn columns(table: &Table) -> Vec<Values> {
    let rows = || table.rows.iter();
    let numbers = |of: fn(&Row) -> u64| Values::Numbers(rows().map(|row| bits(of(row))).collect());
    let mut columns = vec![
        numbers(|row| row.numbers.run),
        numbers(|row| row.numbers.cell),
        numbers(|row| row.numbers.replication),
        numbers(|row| row.seed),
    ];
    for place in 0..table.columns.paths.len() {
        columns.push(varied(
            rows().map(|row| row.values[place].as_deref()).collect(),
        ));
    }
    for place in 0..table.columns.figures.len() {
        let figures = rows().map(|row| row.figures[place].map(Fixed::to_f64));
        columns.push(Values::Doubles(figures.collect()));
    }
    columns.push(Values::Texts(
        rows().map(|row| Some(row.digest.clone())).collect(),
    ));
    columns
}

/// The bits of a number without a sign: Parquet keeps both kinds in the same type.
fn bits(number: u64) -> i64 {
    i64::from_le_bytes(number.to_le_bytes())
}

/// The values of a path: whole numbers when all are, else numbers when all are, else texts.
fn varied(texts: Vec<Option<&str>>) -> Values {
    fn all<T>(texts: &[Option<&str>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        let mut values = Vec::new();
        for text in texts {
            values.push(match text {
                None => None,
                Some(text) => Some(read(text)?),
            });
        }
        Some(values)
    }
    if let Some(whole) = all(&texts, |text| text.parse().ok()) {
        return Values::Integers(whole);
    }
    if let Some(numbers) = all(&texts, |text| Fixed::parse(text).ok()) {
        let float = |number: Option<Fixed>| number.map(Fixed::to_f64);
        return Values::Doubles(numbers.into_iter().map(float).collect());
    }
    Values::Texts(
        texts
            .into_iter()
            .map(|text| text.map(str::to_owned))
            .collect(),
    )
}

fn write_column<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &Values,
    (from, to): (usize, usize),
) -> Result<()> {
    let Some(mut column) = group.next_column()? else {
        return Ok(());
    };
    match values {
        Values::Numbers(numbers) => {
            column
                .typed::<Int64Type>()
                .write_batch(&numbers[from..to], None, None)?;
        }
        Values::Integers(numbers) => {
            let (numbers, there) = given(&numbers[from..to], |number| *number);
            column
                .typed::<Int64Type>()
                .write_batch(&numbers, Some(&there), None)?;
        }
        Values::Doubles(numbers) => {
            let (numbers, there) = given(&numbers[from..to], |number| *number);
            column
                .typed::<DoubleType>()
                .write_batch(&numbers, Some(&there), None)?;
        }
        Values::Texts(texts) => {
            let (texts, there) = given(&texts[from..to], |text| ByteArray::from(text.as_str()));
            column
                .typed::<ByteArrayType>()
                .write_batch(&texts, Some(&there), None)?;
        }
    }
    column.close()
}

/// The values that there are, and for each row whether there is one.
fn given<T, V>(values: &[Option<T>], of: impl Fn(&T) -> V) -> (Vec<V>, Vec<i16>) {
    let there = values.iter().map(|value| i16::from(value.is_some()));
    (values.iter().flatten().map(of).collect(), there.collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::encode;
    use crate::experiment::sweep::Row;
    use crate::experiment::sweep::RunNumbers;
    use crate::report::sweep::rows::{Columns, Table};
    use crate::units::Fixed;

    #[test]
    fn rows_read_back_with_the_types_of_their_columns() {
        let columns = Columns {
            paths: ["whole", "decimal", "text"].map(str::to_owned).to_vec(),
            figures: vec!["f".to_owned()],
        };
        let row = |run: u64, values: [Option<&str>; 3], figure: Option<Fixed>| Row {
            numbers: RunNumbers {
                run,
                cell: run,
                replication: 1,
            },
            seed: u64::MAX,
            values: values.map(|value| value.map(str::to_owned)).to_vec(),
            figures: vec![figure],
            digest: "ab".to_owned(),
        };
        let half = Fixed::parse("0.5").unwrap();
        let table = Table {
            columns,
            rows: vec![
                row(1, [Some("2"), Some("0.5"), Some("5m")], Some(half)),
                row(2, [None, Some("3"), Some("7")], None),
            ],
        };
        let (mut bytes, mut again) = (Vec::new(), Vec::new());
        encode(&table, &mut bytes).unwrap();
        encode(&table, &mut again).unwrap();
        assert!(bytes == again);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                row.unwrap()
                    .into_columns()
                    .into_iter()
                    .map(|(_, field)| field)
                    .collect()
            })
            .collect();
        let text = |text: &str| Field::Str(text.to_owned());
        assert_eq!(
            rows[0],
            [
                Field::ULong(1),
                Field::ULong(1),
                Field::ULong(1),
                Field::ULong(u64::MAX),
                Field::Long(2),
                Field::Double(0.5),
                text("5m"),
                Field::Double(0.5),
                text("ab"),
            ]
        );
        assert_eq!(
            (&rows[1][4], &rows[1][6], &rows[1][7]),
            (&Field::Null, &text("7"), &Field::Null)
        );
    }
}
