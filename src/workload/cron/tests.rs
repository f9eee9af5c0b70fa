//! Cron expressions, against their occurrences worked out by hand.

use jiff::ToSpan;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::{Cron, number_of};

/// The first occurrences at or after a time.
fn occurrences(cron: &str, from: &str, count: usize) -> Vec<String> {
    let cron = Cron::parse(cron, 0).unwrap();
    let first = cron.next_from(from.parse().unwrap());
    std::iter::successors(first, |last| cron.next_from(*last + 1.minute()))
        .take(count)
        .map(|time| time.strftime("%Y-%m-%d %H:%M").to_string())
        .collect()
}

#[track_caller]
fn check(cron: &str, from: &str, expected: &[&str]) {
    assert_eq!(occurrences(cron, from, expected.len()), expected, "{cron}");
}

#[test]
fn the_last_friday_of_each_month() {
    // G128: 10:15 on the last Friday of each month of 2022 and 2023, 24 times in all.
    let cron = "15 10 ? * 6L 2022-2023";
    check(
        cron,
        "2020-01-01T00:00",
        &["2022-01-28 10:15", "2022-02-25 10:15", "2022-03-25 10:15"],
    );
    check(cron, "2023-11-24T10:16", &["2023-12-29 10:15"]);
    assert_eq!(occurrences(cron, "2020-01-01T00:00", 100).len(), 24);
    assert_eq!(occurrences(cron, "2023-12-29T10:15:00.001", 100).len(), 0);
}

#[test]
fn every_field_has_its_plain_value() {
    check(
        "0 2 * * ? *",
        "2026-01-01T02:01",
        &["2026-01-02 02:00", "2026-01-03 02:00"],
    );
    check(
        "30 6 15 3 ? 2027",
        "2026-01-01T00:00",
        &["2027-03-15 06:30"],
    );
    check(
        "0 0 ? * 1 *",
        "2026-01-01T00:00",
        &["2026-01-04 00:00", "2026-01-11 00:00"],
    );
    check(
        "0 0 ? FEB MON *",
        "2026-01-01T00:00",
        &["2026-02-02 00:00", "2026-02-09 00:00"],
    );
}

#[test]
fn lists_ranges_and_steps() {
    check(
        "0,30 8-9 * * ? *",
        "2026-01-01T00:00",
        &[
            "2026-01-01 08:00",
            "2026-01-01 08:30",
            "2026-01-01 09:00",
            "2026-01-01 09:30",
            "2026-01-02 08:00",
        ],
    );
    // Every tenth minute from the first on; every 20th of a range; `*/n` from the least on.
    check(
        "1/25 0 * * ? *",
        "2026-01-01T00:00",
        &["2026-01-01 00:01", "2026-01-01 00:26"],
    );
    check(
        "10-40/20 0 * * ? *",
        "2026-01-01T00:00",
        &["2026-01-01 00:10", "2026-01-01 00:30", "2026-01-02 00:10"],
    );
    check(
        "0 0 */15 * ? *",
        "2026-01-01T00:00",
        &[
            "2026-01-01 00:00",
            "2026-01-16 00:00",
            "2026-01-31 00:00",
            "2026-02-01 00:00",
        ],
    );
    check(
        "0 18 ? * MON-FRI *",
        "2026-01-02T00:00",
        &["2026-01-02 18:00", "2026-01-05 18:00"],
    );
    check(
        "0 18 ? * mon,wed *",
        "2026-01-02T00:00",
        &["2026-01-05 18:00", "2026-01-07 18:00"],
    );
    check(
        "0 0 1 jan-feb ? 2026/2",
        "2026-01-02T00:00",
        &[
            "2026-02-01 00:00",
            "2028-01-01 00:00",
            "2028-02-01 00:00",
            "2030-01-01 00:00",
        ],
    );
}

#[test]
fn the_last_day() {
    check(
        "0 0 L * ? *",
        "2028-01-31T00:01",
        &["2028-02-29 00:00", "2028-03-31 00:00"],
    );
    check(
        "0 0 L 2 ? *",
        "2026-01-01T00:00",
        &["2026-02-28 00:00", "2027-02-28 00:00"],
    );
    // Of the week: Saturday.
    check(
        "0 0 ? * L *",
        "2026-01-01T00:00",
        &["2026-01-03 00:00", "2026-01-10 00:00"],
    );
    check(
        "0 0 1,L * ? *",
        "2026-01-02T00:00",
        &["2026-01-31 00:00", "2026-02-01 00:00"],
    );
    check(
        "0 0 ? * MONL *",
        "2026-01-01T00:00",
        &["2026-01-26 00:00", "2026-02-23 00:00"],
    );
}

#[test]
fn the_nearest_weekday() {
    // 3 January 2026 is a Saturday, 1 February and 1 March Sundays; 15 March a Sunday.
    check(
        "0 0 3W * ? *",
        "2026-01-01T00:00",
        &["2026-01-02 00:00", "2026-02-03 00:00"],
    );
    check("0 0 15W 3 ? *", "2026-01-01T00:00", &["2026-03-16 00:00"]);
    check("0 0 1W 2 ? *", "2026-01-01T00:00", &["2026-02-02 00:00"]);
    // Never into another month: 1 August 2026 is a Saturday, 31 May 2026 a Sunday.
    check("0 0 1W 8 ? *", "2026-01-01T00:00", &["2026-08-03 00:00"]);
    check("0 0 31W 5 ? *", "2026-01-01T00:00", &["2026-05-29 00:00"]);
    // A month without the day has no nearest weekday.
    check(
        "0 0 31W 1-4 ? *",
        "2026-02-01T00:00",
        &["2026-03-31 00:00", "2027-01-29 00:00"],
    );
    check(
        "0 0 LW * ? *",
        "2026-01-01T00:00",
        &["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-31 00:00"],
    );
}

#[test]
fn the_nth_weekday() {
    // 3#2: the second Tuesday.
    check(
        "0 0 ? * 3#2 *",
        "2026-01-01T00:00",
        &["2026-01-13 00:00", "2026-02-10 00:00"],
    );
    check(
        "0 0 ? * THU#1 *",
        "2026-01-01T00:00",
        &["2026-01-01 00:00", "2026-02-05 00:00"],
    );
    // A fifth Friday is not in every month.
    check(
        "0 0 ? * 6#5 *",
        "2026-01-01T00:00",
        &["2026-01-30 00:00", "2026-05-29 00:00"],
    );
}

#[test]
fn leap_days_are_found_and_impossible_days_end() {
    check(
        "0 0 29 2 ? *",
        "2026-01-01T00:00",
        &["2028-02-29 00:00", "2032-02-29 00:00"],
    );
    // 2100 is no leap year.
    check("0 0 29 2 ? *", "2096-03-01T00:00", &["2104-02-29 00:00"]);
    assert_eq!(occurrences("0 0 30 2 ? *", "2026-01-01T00:00", 1).len(), 0);
    assert_eq!(
        occurrences("0 0 31 4,6,9,11 ? *", "2026-01-01T00:00", 1).len(),
        0
    );
    check("59 23 31 12 ? *", "2199-01-01T00:00", &["2199-12-31 23:59"]);
    assert_eq!(
        occurrences("59 23 31 12 ? *", "2199-12-31T23:59:01", 1).len(),
        0
    );
    assert_eq!(
        occurrences("* * * * ? *", "9999-12-31T23:59:59", 1).len(),
        0
    );
    check(
        "* * * * ? *",
        "1900-01-01T00:00",
        &["1970-01-01 00:00", "1970-01-01 00:01"],
    );
}

#[test]
fn errors_point_at_the_faulty_part() {
    for (text, offset, says) in [
        ("60 * * * ? *", 0, "`60` is no minute: expected 0 to 59"),
        ("0 24 * * ? *", 2, "`24` is no hour: expected 0 to 23"),
        ("0 0 32 * ? *", 4, "expected 1 to 31"),
        ("0 0 0 * ? *", 4, "expected 1 to 31"),
        ("0 0 * 13 ? *", 6, "expected 1 to 12 or JAN to DEC"),
        ("0 0 * JAM ? *", 6, "`JAM` is no month"),
        ("0 0 ? * 8 *", 8, "expected 1 to 7 or SUN to SAT"),
        ("0 0 ? * 0 *", 8, "expected 1 to 7 or SUN to SAT"),
        ("0 0 ? * * 1969", 10, "expected 1970 to 2199"),
        ("0 0 ? * * 2200", 10, "expected 1970 to 2199"),
        ("0 0 * * * *", 8, "must be `?`"),
        ("0 0 1 * MON *", 8, "must be `?`"),
        ("0 0 ? * ? *", 4, "only one of"),
        ("? 0 * * ? *", 0, "`?` is no minute"),
        ("0 0 ? * 2/2 *", 9, "takes no `/`"),
        ("0 0 ? * 3#6 *", 10, "1 to 5"),
        ("0 0 ? * 3#1,6#3 *", 8, "only expression"),
        ("0 0 ? * MON#x *", 12, "1 to 5"),
        ("0/0 0 * * ? *", 2, "1 or more"),
        ("0/ 0 * * ? *", 2, "1 or more"),
        ("*/x 0 * * ? *", 2, "1 or more"),
        ("30-10 0 * * ? *", 0, "from low to high"),
        ("5,, 0 * * ? *", 2, "`` is no minute"),
        ("+5 0 * * ? *", 0, "`+5` is no minute"),
        ("5-70 0 * * ? *", 2, "`70` is no minute"),
        ("0 0 W * ? *", 4, "`` is no day of the month"),
        ("0 0 L-3 * ? *", 4, "`L` is no day of the month"),
        ("0 0 1 * ?", 0, "6 fields, here are 5"),
        ("", 0, "6 fields, here are 0"),
        (
            "0\u{a0}0 \u{e9} * ? *",
            5,
            "`\u{e9}` is no day of the month",
        ),
    ] {
        let error = Cron::parse(text, 0).unwrap_err();
        assert!(error.message.contains(says), "{text}: {error}");
        assert_eq!(error.offset, offset, "{text}: {error}");
    }
}

/// Expressions whose meaning a minute can be held against directly.
fn fits(time: DateTime, minute: (i8, i8), hours: &[i8], weekday: Option<u8>) -> bool {
    time.minute() >= minute.0
        && (time.minute() - minute.0) % minute.1 == 0
        && hours.contains(&time.hour())
        && weekday.is_none_or(|weekday| number_of(time.weekday()) == weekday)
}

proptest! {
    #[test]
    fn the_next_occurrence_is_the_first_minute_that_fits(
        day in 0_i64..2_000, second in 0_i64..86_400, first in 0_i8..60, step in 1_i8..60,
        hours in prop::collection::vec(0_i8..24, 1..4), weekday in prop::option::of(1_u8..=7),
    ) {
        let list = hours.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
        let days = weekday.map_or("* * ?".to_owned(), |weekday| format!("? * {weekday}"));
        let cron = Cron::parse(&format!("{first}/{step} {list} {days} *"), 0).unwrap();
        let epoch: DateTime = "2024-01-01T00:00".parse().unwrap();
        let from = epoch + day.days() + second.seconds();
        let mut expected = from.with().second(0).build().unwrap();
        while expected < from || !fits(expected, (first, step), &hours, weekday) {
            expected += 1.minute();
        }
        prop_assert_eq!(cron.next_from(from), Some(expected));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[0-9A-Z,\\-*/?LW# ]{0,40}") {
        if let Ok(cron) = Cron::parse(&text, 0) {
            let from: DateTime = "2026-01-01T00:00".parse().unwrap();
            if let Some(next) = cron.next_from(from) {
                prop_assert!(next >= from);
            }
        }
    }
}
