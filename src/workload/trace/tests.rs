//! Traces, right and wrong.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::{TraceError, TraceReader, TraceRow, TraceSummary, scan_trace};
use crate::model::TaskDefinitionId;
use crate::units::{CpuUnits, MemoryMib, Millis, SimTime};
use crate::workload::TraceSpec;

struct Fixture {
    _directory: TempDir,
    spec: TraceSpec,
    has_default: bool,
}

fn bytes(content: &[u8]) -> Fixture {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("jobs.csv");
    std::fs::write(&path, content).unwrap();
    let definitions = vec![
        ("batch".to_owned(), TaskDefinitionId(1)),
        ("web:2".to_owned(), TaskDefinitionId(0)),
    ];
    let spec = TraceSpec {
        path,
        sorted: true,
        definitions,
    };
    Fixture {
        _directory: directory,
        spec,
        has_default: false,
    }
}

fn text(content: &str) -> Fixture {
    bytes(content.as_bytes())
}

fn gzip(content: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(content.as_bytes()).unwrap();
    packer.finish().unwrap()
}

impl Fixture {
    fn rows(&self) -> Result<Vec<TraceRow>, TraceError> {
        let mut reader = TraceReader::open(&self.spec, self.has_default)?;
        std::iter::from_fn(|| reader.next_row().transpose()).collect()
    }

    /// The error's text without the directory.
    #[track_caller]
    fn error(&self) -> String {
        let error = self.rows().unwrap_err().to_string();
        error[error.find("jobs.csv").unwrap()..].to_owned()
    }
}

fn row(submit: u64, duration: Option<u64>, cpu: u32, memory: u32) -> TraceRow {
    TraceRow {
        submit: SimTime(submit),
        duration: duration.map(Millis),
        cpu: Some(CpuUnits(cpu)),
        memory: Some(MemoryMib(memory)),
        gpus: None,
        name: None,
        definition: None,
    }
}

const HEADER: &str = "submit_s,duration_s,cpu,memory\n";

#[test]
fn rows_are_read_in_the_order_of_the_file() {
    let trace = text("submit_s,duration_s,cpu,memory\n0,1.5,256,512\n0.0005,0,1,2\n7,,0,0\n");
    let expected = [
        row(0, Some(1_500), 256, 512),
        row(1, Some(0), 1, 2),
        row(7_000, None, 0, 0),
    ];
    assert_eq!(trace.rows().unwrap(), expected);
}

#[test]
fn columns_may_stand_in_any_order_and_be_quoted_and_padded() {
    let trace = text(
        "\u{feff}name,memory, cpu ,gpu,duration_s,task_definition,submit_s\r\n\
         \"a, b\",512, 256 ,2,60,batch,1\r\n,1,2,,,web:2,2\r\n",
    );
    let first = TraceRow {
        gpus: Some(2),
        name: Some("a, b".into()),
        definition: Some(TaskDefinitionId(1)),
        ..row(1_000, Some(60_000), 256, 512)
    };
    let second = TraceRow {
        definition: Some(TaskDefinitionId(0)),
        ..row(2_000, None, 2, 1)
    };
    assert_eq!(trace.rows().unwrap(), [first, second]);
}

#[test]
fn gzip_is_known_by_its_content() {
    let content = format!("{HEADER}1,2,3,4\n");
    let expected = [row(1_000, Some(2_000), 3, 4)];
    assert_eq!(bytes(&gzip(&content)).rows().unwrap(), expected);
    // Several members one after the other, as `cat a.gz b.gz` makes them.
    let mut members = gzip(HEADER);
    members.extend(gzip("1,2,3,4\n"));
    assert_eq!(bytes(&members).rows().unwrap(), expected);
}

#[test]
fn a_gzip_file_that_is_cut_off_is_an_error() {
    let content: String = HEADER.to_owned() + &"1,2,3,4\n".repeat(1_000);
    let mut packed = gzip(&content);
    packed.truncate(packed.len() - 9);
    let error = bytes(&packed).error();
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn the_last_row_needs_no_line_break_and_blank_lines_are_passed_over() {
    let trace = text("submit_s,duration_s,cpu,memory\n\n1,2,3,4\n\n1,2,3,4");
    assert_eq!(
        trace.rows().unwrap(),
        [row(1_000, Some(2_000), 3, 4), row(1_000, Some(2_000), 3, 4)]
    );
    assert_eq!(text(HEADER).rows().unwrap(), []);
}

#[test]
fn amounts_may_be_left_to_a_task_definition_only() {
    let mut trace = text("submit_s,duration_s,cpu,memory,task_definition\n1,2,,,batch\n1,2,,4,\n");
    assert_eq!(
        trace.error(),
        "jobs.csv: row 2 (line 3), column `cpu`: is empty, and there is no task definition to \
         take it from; expected a number",
    );
    trace.has_default = true;
    let rows = trace.rows().unwrap();
    assert_eq!((rows[0].cpu, rows[0].memory), (None, None));
    assert_eq!((rows[1].cpu, rows[1].memory), (None, Some(MemoryMib(4))));
}

#[test]
fn an_earlier_row_is_an_error_unless_the_file_is_to_be_sorted() {
    let mut trace = text("submit_s,duration_s,cpu,memory\n5,1,1,1\n5,1,1,1\n4.999,1,1,1\n");
    assert_eq!(
        trace.error(),
        "jobs.csv: row 3 (line 4), column `submit_s`: found `4.999`, earlier than the row before; \
         rows stand in order of submit_s, unless `trace: {file: jobs.csv, sorted: false}` has the \
         file read whole and sorted",
    );
    trace.spec.sorted = false;
    assert_eq!(trace.rows().unwrap().len(), 3);
}

#[test]
fn faults_of_the_file_are_told() {
    let mut trace = text("");
    assert_eq!(
        trace.error(),
        "jobs.csv: the file is empty; expected a header"
    );
    assert_eq!(
        bytes(&gzip("")).error(),
        "jobs.csv: the file is empty; expected a header"
    );
    assert_eq!(
        bytes(b"\x7fELF\x02\x01\x00\x00rest").error(),
        "jobs.csv: is no text file; expected CSV, plain or gzip",
    );
    trace.spec.path.set_file_name("jobs.csv.missing");
    assert_eq!(trace.error(), "jobs.csv.missing: there is no such file");
    trace.spec.path.pop();
    let error = trace.rows().unwrap_err();
    assert_eq!(error.message, "is a directory; expected a CSV file");
}

#[test]
fn faults_of_the_header_are_told() {
    for (content, expected) in [
        (
            "submit_s,duration_s,cpus,memory\n",
            "unknown column `cpus`; did you mean `cpu`?",
        ),
        (
            "submit_s,duration_s,cpu,memory,colour\n",
            "unknown column `colour`; expected \
             submit_s,duration_s,cpu,memory[,gpu,name,task_definition], in any order",
        ),
        (
            "submit_s,duration_s,memory\n",
            "the header lacks the column `cpu`; expected \
             submit_s,duration_s,cpu,memory[,gpu,name,task_definition], in any order",
        ),
        (
            "name,cpu\n",
            "the header lacks the columns `submit_s`, `duration_s`, `memory`; expected \
             submit_s,duration_s,cpu,memory[,gpu,name,task_definition], in any order",
        ),
        (
            "0,60,256,512\n1,60,256,512\n",
            "found `0` where the header belongs; expected \
             submit_s,duration_s,cpu,memory[,gpu,name,task_definition]",
        ),
        (
            "submit_s,duration_s,cpu,memory,\n",
            "unknown column ``; expected \
             submit_s,duration_s,cpu,memory[,gpu,name,task_definition], in any order",
        ),
    ] {
        assert_eq!(
            text(content).error(),
            format!("jobs.csv: line 1: {expected}")
        );
    }
    assert_eq!(
        text("submit_s,duration_s,cpu,memory,cpu\n").error(),
        "jobs.csv: line 1, column `cpu`: stands in the header twice",
    );
}

#[test]
fn faults_of_a_row_name_the_row_the_line_and_the_column() {
    let header = "submit_s,duration_s,cpu,memory,gpu,name,task_definition\n0,1,2,3,,,\n";
    for (row, expected) in [
        (
            "soon,1,2,3,,,",
            ", column `submit_s`: found `soon`; expected seconds as a plain decimal number, such \
             as 12.5",
        ),
        (
            ",1,2,3,,,",
            ", column `submit_s`: is empty; expected seconds as a plain decimal number, such as \
             12.5",
        ),
        (
            "-1,1,2,3,,,",
            ", column `submit_s`: found `-1`; expected 0 or more seconds",
        ),
        (
            "1,1e3,2,3,,,",
            ", column `duration_s`: found `1e3`; expected seconds as a plain decimal number, such \
             as 12.5",
        ),
        (
            "1,99999999999999999999,2,3,,,",
            ", column `duration_s`: found `99999999999999999999`; expected at most 1000000000000 \
             seconds",
        ),
        (
            "1,1,0.25,3,,,",
            ", column `cpu`: found `0.25`; expected a whole number of CPU units (1,024 to a vCPU)",
        ),
        (
            "1,1,2,4 GB,,,",
            ", column `memory`: found `4 GB`; expected a whole number of MiB",
        ),
        (
            "1,1,2,4294967296,,,",
            ", column `memory`: found `4294967296`; expected at most 4294967295",
        ),
        (
            "1,1,2,3,-1,,",
            ", column `gpu`: found `-1`; expected a whole number of GPUs, 0 or more",
        ),
        (
            "1,1,2,3,,,batches",
            ", column `task_definition`: the scenario has no task definition `batches`; did you \
             mean `batch`?",
        ),
        (
            "1,1,2,3,,,other",
            ", column `task_definition`: the scenario has no task definition `other`",
        ),
        ("1,1,2,3", ": found 4 fields; the header has 7"),
        ("1,1,2,3,,,,,", ": found 9 fields; the header has 7"),
        (
            "\"a\nb\tccccccccccccccccccccccccccccccccccccccccccccc\",1,2,3,,,",
            ", column `submit_s`: found `a\\nb\\tcccccccccccccccccccccccccccccccccccc...`; \
             expected seconds as a plain decimal number, such as 12.5",
        ),
    ] {
        let error = text(&format!("{header}{row}\n")).error();
        let expected = expected.strip_prefix(", ").map_or_else(
            || format!("jobs.csv: row 2 (line 3){expected}"),
            |expected| format!("jobs.csv: row 2 (line 3), {expected}"),
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn a_name_is_utf_8() {
    let header = "submit_s,duration_s,cpu,memory,name\n0,1,2,3,\n";
    let mut invalid = header.as_bytes().to_vec();
    invalid.extend(b"1,1,2,3,\xff\n");
    assert_eq!(
        bytes(&invalid).error(),
        "jobs.csv: row 2 (line 3), column `name`: found `\u{fffd}`; expected UTF-8 text",
    );
}

#[test]
fn scanning_sums_a_trace_up() {
    let mut trace =
        text("submit_s,duration_s,cpu,memory,gpu\n5,1,256,512,\n2.5,,1024,128,1\n9,3,1,1,0\n");
    trace.spec.sorted = false;
    let expected = TraceSummary {
        rows: 3,
        first: Some(SimTime(2_500)),
        last: Some(SimTime(9_000)),
        until_end: 1,
        largest_cpu: Some(CpuUnits(1_024)),
        largest_memory: Some(MemoryMib(512)),
        largest_gpus: Some(1),
    };
    assert_eq!(scan_trace(&trace.spec, false), Ok(expected));
    trace.spec.sorted = true;
    assert!(scan_trace(&trace.spec, false).is_err());
    assert_eq!(
        scan_trace(&text(HEADER).spec, false),
        Ok(TraceSummary::default())
    );
}
