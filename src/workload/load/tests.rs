//! Load of each kind, files right and wrong.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{
    Alignment, Between, Curve, Factor, LoadSeries, LoadSpec, RateFile, RateSummary, TimeForm,
    ValuePeriod, WhenOver,
};
use crate::units::{Millis, RequestRate, SimTime};

/// A Thursday.
const START: &str = "2026-01-01T00:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn series(spec: &LoadSpec, minutes: u64) -> LoadSeries {
    LoadSeries::new(spec, start(), minutes, Factor::ONE).unwrap()
}

fn rates(spec: &LoadSpec, minutes: u64) -> Vec<u64> {
    let series = series(spec, minutes);
    (0..minutes).map(|minute| series.rate(minute).0).collect()
}

#[test]
fn constant_load_is_the_same_in_every_minute() {
    let spec = LoadSpec::Constant(RequestRate(1_500));
    assert_eq!(rates(&spec, 3), [1_500; 3]);
    let doubled = LoadSeries::new(&spec, start(), 3, Factor(2_000_000)).unwrap();
    assert_eq!(doubled.rate(1_000_000_000), RequestRate(3_000));
}

#[test]
fn a_step_within_a_minute_counts_for_its_part_of_it() {
    let steps = [
        (30_000, 1_000),
        (120_000, 4_000),
        (135_000, 0),
        (150_000, 500),
    ];
    let steps = steps.map(|(at, rate)| (SimTime(at), RequestRate(rate)));
    // 30 s of 1; 60 s of 1; 15 s of 4, 15 s of none, 30 s of 0.5; the last rate for ever.
    let spec = LoadSpec::Steps(steps.to_vec());
    assert_eq!(rates(&spec, 5), [500, 1_000, 1_250, 500, 500]);
    assert_eq!(
        series(&spec, 1).rate(u64::MAX),
        RequestRate(0),
        "the end of time has no length"
    );
    assert_eq!(rates(&LoadSpec::Steps(Vec::new()), 2), [0, 0]);
}

fn curve(sharpness: u32) -> Curve {
    let mut days = [Factor::ONE; 7];
    days[5] = Factor(500_000);
    days[6] = Factor(0);
    Curve {
        base: RequestRate(1_000_000),
        peak: RequestRate(5_000_000),
        peak_at: Millis(14 * 3_600_000),
        sharpness,
        days,
    }
}

#[test]
fn a_curve_has_its_peak_at_its_hour_and_its_trough_twelve_hours_away() {
    let spec = LoadSpec::Curve(curve(1));
    let series = series(&spec, 1);
    let at = |hour: u64| series.rate(hour * 60).0;
    // Minutes are taken in their middle, half a minute after the hour.
    assert_eq!(at(14), 4_999_995);
    assert_eq!(at(2), 1_000_005);
    assert_eq!((at(8), at(20)), (3_004_363, 2_995_637));
    let values: Vec<u64> = (0..1_440).map(|minute| series.rate(minute).0).collect();
    let mean = values.iter().sum::<u64>() / 1_440;
    assert_eq!(mean, 3_000_000, "half way between base and peak");
    let highest = *values.iter().max().unwrap();
    // The two minutes around the hour are equally high.
    assert_eq!((values[839], values[840]), (highest, highest));
}

#[test]
fn a_sharper_curve_is_lower_everywhere_but_at_its_peak() {
    let plain = series(&LoadSpec::Curve(curve(1)), 1);
    let sharp = series(&LoadSpec::Curve(curve(4)), 1);
    for minute in 0..1_440 {
        assert!(sharp.rate(minute) <= plain.rate(minute), "{minute}");
    }
    assert_eq!(sharp.rate(840).0, 4_999_981);
    // A quarter of the day away: (1/2)^4 of the rise.
    assert_eq!(sharp.rate(480).0 / 1_000, 1_252);
}

#[test]
fn a_curve_falls_to_its_peak_when_that_is_below_its_base() {
    let mut below = curve(1);
    (below.base, below.peak) = (RequestRate(5_000), RequestRate(1_000));
    let series = series(&LoadSpec::Curve(below), 1);
    assert_eq!((series.rate(840).0, series.rate(120).0), (1_000, 5_000));
}

#[test]
fn days_of_the_week_multiply_the_curve() {
    let series = series(&LoadSpec::Curve(curve(1)), 1);
    let noon = |day: u64| series.rate(day * 1_440 + 720);
    let weekday = noon(0);
    // From Thursday the first of January 2026.
    let halved = RequestRate(weekday.0.div_ceil(2));
    let expected = [
        weekday,
        weekday,
        halved,
        RequestRate::ZERO,
        weekday,
        weekday,
        weekday,
    ];
    for (day, expected) in (0..14).zip(expected.into_iter().cycle()) {
        assert_eq!(noon(day), expected, "{day}");
    }
}

#[test]
fn a_curve_goes_by_the_hour_of_the_day_and_not_of_the_run() {
    let spec = LoadSpec::Curve(curve(1));
    let midnight = series(&spec, 1);
    let later: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let later = LoadSeries::new(&spec, later, 1, Factor::ONE).unwrap();
    assert!((0..3_000).all(|minute| later.rate(minute) == midnight.rate(minute + 600)));
    let long_ago: Timestamp = "1953-06-04T00:00:00Z".parse().unwrap();
    let long_ago = LoadSeries::new(&spec, long_ago, 1, Factor::ONE).unwrap();
    assert!((0..10_080).all(|minute| long_ago.rate(minute) == midnight.rate(minute)));
}

struct Fixture {
    _directory: TempDir,
    file: RateFile,
}

fn bytes(content: &[u8]) -> Fixture {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("load.csv");
    std::fs::write(&path, content).unwrap();
    Fixture {
        file: RateFile::new(path),
        _directory: directory,
    }
}

fn text(content: &str) -> Fixture {
    bytes(content.as_bytes())
}

impl Fixture {
    fn with(mut self, change: impl FnOnce(&mut RateFile)) -> Self {
        change(&mut self.file);
        self
    }

    fn rates(&self, minutes: u64) -> Vec<u64> {
        rates(&LoadSpec::File(self.file.clone()), minutes)
    }

    /// The error's text without the directory.
    #[track_caller]
    fn error(&self) -> String {
        let error = self.file.scan().unwrap_err().to_string();
        error[error.find("load.csv").unwrap()..].to_owned()
    }
}

/// In the form of the requests per minute of a web server's log.
const PER_MINUTE: &str = "minute,requests\n0,42\n1,62\n2,58\n3,0\n4,409\n";

#[test]
fn requests_per_minute_are_read_as_published() {
    let fixture = text(PER_MINUTE);
    let summary = RateSummary {
        rows: 5,
        length: Millis(300_000),
        period: Millis::MINUTE,
        peak: RequestRate(6_817),
        gaps: 0,
    };
    assert_eq!(fixture.file.scan(), Ok(summary));
    // 42 / 60 is 0.7; 62 / 60, 58 / 60 and 409 / 60 are rounded; then the series is over.
    let expected = [700, 1_033, 967, 0, 6_817, 0, 0];
    assert_eq!(fixture.rates(7), expected);
    let said = fixture.with(|file| {
        file.time_column = Some("minute".to_owned());
        file.value_column = Some("requests".to_owned());
        file.time_form = Some(TimeForm::Number(Millis::MINUTE));
        file.per = ValuePeriod::Span(Millis::MINUTE);
    });
    assert_eq!(said.rates(7), expected);
}

/// In the form of metrics exported from CloudWatch, with a row left out.
const TIMESTAMPS: &str = "timestamp,value\n2014-04-10 00:04:00,94.0\n2014-04-10 00:09:00,56.0\n\
    2014-04-10 00:14:00,187.0\n2014-04-10 00:24:00,33.199999999999996\n2014-04-10 00:29:00,0.068\n";

#[test]
fn timestamps_are_read_as_published_and_gaps_are_counted() {
    let fixture = text(TIMESTAMPS);
    let summary = fixture.file.scan().unwrap();
    assert_eq!((summary.rows, summary.gaps), (5, 1));
    assert_eq!(
        (summary.period, summary.length),
        (Millis(300_000), Millis(1_800_000))
    );
    // 94, 56, 187 (for ten minutes) and 33.2 of 300 s; 0.068 of 300 s is below a thousandth.
    let expected: Vec<u64> = [(5, 313), (5, 187), (10, 623), (5, 111), (5, 0), (2, 0)]
        .iter()
        .flat_map(|(count, rate)| vec![*rate; *count])
        .collect();
    assert_eq!(fixture.rates(32), expected);
}

#[test]
fn a_scale_multiplies_before_anything_is_rounded() {
    let fixture = text(TIMESTAMPS).with(|file| file.scale = Factor(1_000_000_000));
    // 0.068 of 300 s, times 1,000.
    assert_eq!(fixture.rates(26)[25], 227);
    let both = LoadSeries::new(
        &LoadSpec::File(fixture.file.clone()),
        start(),
        26,
        Factor(1_000_000_000),
    );
    assert_eq!(both.unwrap().rate(25), RequestRate(226_667));
}

#[test]
fn rows_go_by_the_calendar_when_they_are_at_their_own_time() {
    let fixture = text(TIMESTAMPS).with(|file| file.alignment = Alignment::OwnTime);
    let spec = LoadSpec::File(fixture.file.clone());
    let before: Timestamp = "2014-04-10T00:02:30Z".parse().unwrap();
    let series = LoadSeries::new(&spec, before, 10, Factor::ONE).unwrap();
    let rates: Vec<u64> = (0..8).map(|minute| series.rate(minute).0).collect();
    // Nothing before 00:04:00, which is 90 s into the run; 56 from 00:09:00 on, 390 s into it.
    assert_eq!(rates, [0, 157, 313, 313, 313, 313, 250, 187]);
    let within: Timestamp = "2014-04-10T00:14:00Z".parse().unwrap();
    let series = LoadSeries::new(&spec, within, 20, Factor::ONE).unwrap();
    assert_eq!(
        (series.rate(0).0, series.rate(12).0, series.rate(17).0),
        (623, 111, 0)
    );
    // Numbers count from the scenario's start.
    let late = "minute,requests\n2,60\n3,120\n";
    let late = text(late).with(|file| file.alignment = Alignment::OwnTime);
    assert_eq!(late.rates(5), [0, 0, 1_000, 2_000, 0]);
}

#[test]
fn a_series_may_begin_anew_when_it_is_over() {
    let repeated = text(PER_MINUTE).with(|file| file.when_over = WhenOver::Repeat);
    let round = [700, 1_033, 967, 0, 6_817];
    let expected: Vec<u64> = round.iter().cycle().take(12).copied().collect();
    assert_eq!(repeated.rates(12), expected);
    // By the calendar it has been repeating before, too.
    let earlier = text(TIMESTAMPS).with(|file| {
        file.alignment = Alignment::OwnTime;
        file.when_over = WhenOver::Repeat;
    });
    let spec = LoadSpec::File(earlier.file.clone());
    let before: Timestamp = "2014-04-09T23:59:00Z".parse().unwrap();
    let series = LoadSeries::new(&spec, before, 10, Factor::ONE).unwrap();
    assert_eq!((series.rate(0).0, series.rate(5).0), (0, 313));
    // A round shorter than a minute: the mean of the whole.
    let short = "second,requests\n0,3\n1,9\n";
    let short = text(short).with(|file| file.when_over = WhenOver::Repeat);
    assert_eq!(short.rates(2), [6_000, 6_000]);
}

#[test]
fn between_rows_a_line_may_be_drawn() {
    let content = "minute,requests\n0,0\n2,120\n4,60\n";
    let per_minute = |file: &mut RateFile| {
        file.per = ValuePeriod::Span(Millis::MINUTE);
        file.between = Between::Linear;
    };
    // 0 to 2 over two minutes, 2 to 1 over two, and the last row holds for its period.
    let line = text(content).with(per_minute);
    assert_eq!(line.rates(7), [500, 1_500, 1_750, 1_250, 1_000, 1_000, 0]);
    let round = text(content)
        .with(per_minute)
        .with(|file| file.when_over = WhenOver::Repeat);
    assert_eq!(round.rates(7), [500, 1_500, 1_750, 1_250, 750, 250, 500]);
}

#[test]
fn values_count_what_the_scenario_says() {
    let content = "hour,rate\n0,2\n0.5,3\n";
    let by = |per| text(content).with(|file| file.per = per).rates(60)[29..31].to_vec();
    assert_eq!(by(ValuePeriod::Span(Millis::SECOND)), [2_000, 3_000]);
    assert_eq!(by(ValuePeriod::Span(Millis::MINUTE)), [33, 50]);
    // The period of the rows is half an hour.
    assert_eq!(by(ValuePeriod::Row), [1, 2]);
    let one = text("s,rate\n5,2\n").with(|file| file.per = ValuePeriod::Span(Millis::SECOND));
    assert_eq!(
        one.rates(2),
        [33, 0],
        "a row alone lasts for what it counts"
    );
}

#[test]
fn the_unit_of_numbers_is_told_by_the_name_of_their_column() {
    for (name, unit) in [
        ("time_ms", 1),
        ("t_s", 1_000),
        ("Seconds", 1_000),
        ("minute", 60_000),
        ("elapsed min", 60_000),
        ("hours", 3_600_000),
        ("d", 86_400_000),
    ] {
        let period = text(&format!("{name},n\n0,1\n2,1\n"))
            .file
            .scan()
            .unwrap()
            .period;
        assert_eq!(period, Millis(2 * unit), "{name}");
    }
}

#[test]
fn columns_are_found_by_their_names_and_others_are_passed_over() {
    let content = "region,count,at,bytes\nx,6,2026-01-01T00:00:00+01:00,abc\n\
        y,12,2026-01-01 00:01:00+01:00,\n";
    let named = text(content).with(|file| {
        file.time_column = Some("at".to_owned());
        file.value_column = Some("count".to_owned());
    });
    assert_eq!(named.rates(3), [100, 200, 0]);
}

#[test]
fn packed_files_and_foreign_line_ends_are_read() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(PER_MINUTE.as_bytes()).unwrap();
    let packed = bytes(&packer.finish().unwrap());
    assert_eq!(packed.rates(5), text(PER_MINUTE).rates(5));
    let windows = format!(
        "\u{feff}{}",
        PER_MINUTE.replace('\n', "\r\n").replace(',', " , ")
    );
    assert_eq!(text(&windows).rates(5), text(PER_MINUTE).rates(5));
}

#[test]
fn faulty_files_say_where_and_how_to_mend_them() {
    for (content, message) in [
        ("", "load.csv: the file is empty; expected a header"),
        (
            "minute,requests\n",
            "load.csv: has a header and no row; expected one at least",
        ),
        (
            "minute,requests\n0,42\n1\n",
            "load.csv: row 2 (line 3): found 1 fields; the header has 2",
        ),
        (
            "minute,requests\n0,42\n1,\n",
            "load.csv: row 2 (line 3), column `requests`: is empty; expected requests as a plain \
             number, such as 94.5",
        ),
        (
            "minute,requests\n0,42\n1,-3\n",
            "load.csv: row 2 (line 3), column `requests`: found `-3`; expected requests as a \
             plain number, such as 94.5, 0 or more",
        ),
        (
            "minute,requests\n0,42\n1,1e10\n",
            "load.csv: row 2 (line 3), column `requests`: found `1e10`; expected at most \
             1000000000",
        ),
        (
            "minute,requests\n0,42\n0,1\n",
            "load.csv: row 2 (line 3), column `minute`: is not later than the row before; rows \
             stand in order of time, each time once: sort the file by this column",
        ),
        (
            "minute,requests\n0,42\n",
            "load.csv: has one row, and so no period that its value could count; say what values \
             count: per second or per minute",
        ),
        (
            "t,requests\n0,42\n",
            "load.csv: row 1 (line 2), column `t`: found `0`, a number whose unit the column's \
             name does not tell; say whether it is seconds, minutes, hours or days",
        ),
        (
            "timestamp,value\n2014-13-10 00:04:00,1\n",
            "load.csv: row 1 (line 2), column `timestamp`: found `2014-13-10 00:04:00`; expected \
             a time such as 2014-04-10 00:04:00 or 2014-04-10T00:04:00Z, or a number",
        ),
        (
            "timestamp,value\n2014-04-10 00:04:00,1\nnever,2\n",
            "load.csv: row 2 (line 3), column `timestamp`: found `never`; expected a time such as \
             2014-04-10 00:04:00 or 2014-04-10T00:04:00Z",
        ),
        (
            "day,value\n0,1\n999999999,2\n",
            "load.csv: row 2 (line 3), column `day`: found `999999999`; expected at most \
             1000000000000 seconds",
        ),
    ] {
        assert_eq!(text(content).error(), message, "{content:?}");
    }
}

#[test]
fn a_header_without_the_columns_says_what_is_expected() {
    for (content, message) in [
        (
            "0,42\n1,62\n",
            "load.csv: line 1: found `0`, `42` where the header belongs; give the columns names \
             in the first line",
        ),
        (
            ",\n0,42\n",
            "load.csv: line 1: the first line names no column; give the columns names there",
        ),
        (
            "minute;requests\n0;42\n",
            "load.csv: line 1: the header has one column, `minute;requests`; expected a comma \
             between columns",
        ),
        (
            "a,b,c\n1,2,3\n",
            "load.csv: line 1: the header has `a`, `b`, `c`; name the column of values",
        ),
    ] {
        assert_eq!(text(content).error(), message, "{content:?}");
    }
}

#[test]
fn a_wrong_column_is_named_with_the_one_that_was_meant() {
    let error = |time: Option<&str>, value: Option<&str>| {
        let named = text("minute,requests,minute\n0,1,2\n").with(|file| {
            file.time_column = time.map(str::to_owned);
            file.value_column = value.map(str::to_owned);
        });
        named.error()
    };
    assert_eq!(
        error(None, Some("request")),
        "load.csv: line 1: the header lacks the column `request`; did you mean `requests`?"
    );
    assert_eq!(
        error(Some("zzz"), Some("requests")),
        "load.csv: line 1: the header lacks the column `zzz`; it has `minute`, `requests`, `minute`"
    );
    assert_eq!(
        error(Some("minute"), Some("requests")),
        "load.csv: line 1: column `minute` stands in the header twice"
    );
    assert_eq!(
        error(Some("requests"), Some("requests")),
        "load.csv: line 1: column `requests` cannot be both times and values; name another for \
         one of them"
    );
    let missing = RateFile::new("no/such/load.csv".into());
    assert!(
        missing
            .scan()
            .unwrap_err()
            .to_string()
            .starts_with("no/such/load.csv: ")
    );
}

proptest! {
    /// The mean over a minute against a sum over its seconds.
    #[test]
    fn minutes_equal_sums_over_seconds(
        gaps in prop::collection::vec(1_u64..200, 1..12),
        values in prop::collection::vec(0_u64..1_000, 13),
        is_repeated in any::<bool>(),
    ) {
        use std::fmt::Write;
        let mut at = 0;
        let mut content = format!("second,n\n0,{}\n", values[0]);
        let mut by_second = Vec::new();
        for (gap, pair) in gaps.iter().zip(values.windows(2)) {
            at += gap;
            writeln!(content, "{at},{}", pair[1]).unwrap();
            by_second.resize(usize::try_from(at).unwrap(), pair[0]);
        }
        let fixture = text(&content).with(|file| {
            file.per = ValuePeriod::Span(Millis::SECOND);
            file.when_over = if is_repeated { WhenOver::Repeat } else { WhenOver::End };
        });
        let length = fixture.file.scan().unwrap().length.0 / 1_000;
        by_second.resize(usize::try_from(length).unwrap(), values[gaps.len()]);
        let value = |second: usize| {
            if is_repeated {
                by_second[second % by_second.len()]
            } else {
                by_second.get(second).copied().unwrap_or(0)
            }
        };
        let expected: Vec<u64> = (0..50)
            .map(|minute| (minute * 60..minute * 60 + 60).map(value).sum::<u64>())
            .map(|sum| (sum * 1_000 + 30) / 60)
            .collect();
        prop_assert_eq!(fixture.rates(50), expected);
    }

    #[test]
    fn no_file_is_a_panic(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let fixture = bytes(&content);
        prop_assert!(fixture.file.scan().is_err() || !content.is_empty());
    }

    #[test]
    fn no_rows_are_a_panic(content in "(a,b\n)?([-0-9.e:T ]{0,12},[-0-9.e]{0,12}\n){0,4}") {
        let fixture = text(&content).with(|file| {
            file.time_form = Some(TimeForm::Number(Millis::DAY));
            file.per = ValuePeriod::Span(Millis::SECOND);
            file.scale = Factor(u64::MAX);
            file.between = Between::Linear;
            file.when_over = WhenOver::Repeat;
        });
        let spec = LoadSpec::File(fixture.file.clone());
        let series = LoadSeries::new(&spec, start(), 100, Factor(u64::MAX));
        let header = content.lines().next().unwrap_or_default();
        let is_named = header.chars().any(|byte| !matches!(byte, ',' | ' '));
        let is_row = header.split(',').any(|name| name.parse::<f64>().is_ok());
        prop_assert!(series.is_err() || is_named && !is_row);
    }
}
