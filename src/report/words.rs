//! Numbers and units as people read them.

use crate::units::Millis;

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The blank at which no line is broken.
const NO_BREAK: char = '\u{a0}';

/// The words on one line, whatever its length.
pub(super) fn bound(words: &str) -> String {
    words.replace(' ', "\u{a0}")
}

/// Figures in words with thousands separators; each stays beside its unit.
pub(super) fn regrouped(words: &str) -> String {
    let parts = words.split(" and ").map(|part| {
        let words = part.split(' ').map(|word| match word.parse() {
            Ok(number) => grouped(number),
            Err(_) => word.to_owned(),
        });
        words.collect::<Vec<String>>().join("\u{a0}")
    });
    list(&parts.collect::<Vec<String>>())
}

/// `1 task`, `1,234 tasks`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    bound(&format!("{} {noun}", grouped(number)))
}

/// `once`, `twice`, `3 times`.
pub(super) fn often(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => count(times, "time", "times"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `256 CPU units, 512 MiB`; GPUs where there are any.
pub(super) fn amounts(cpu: u64, memory: u64, gpu: u64) -> String {
    let mut text = format!(
        "{}, {}\u{a0}MiB",
        count(cpu, "CPU unit", "CPU units"),
        grouped(memory)
    );
    if gpu > 0 {
        text += ", ";
        text += &count(gpu, "GPU", "GPUs");
    }
    text
}

/// A fraction as `41 %`; with decimals where whole percents would say nothing or all.
#[expect(
    clippy::float_arithmetic,
    reason = "for people's eyes: the exact figure is in summary.json"
)]
pub(super) fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    let said = if percent <= 0.0 || percent >= 100.0 {
        format!("{percent:.0} %")
    } else if percent < 0.005 {
        "<0.01 %".to_owned()
    } else if percent < 0.095 {
        format!("{percent:.2} %")
    } else if percent >= 99.95 {
        ">99.9 %".to_owned()
    } else if !(0.95..=99.0).contains(&percent) {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    };
    bound(&said)
}

/// An amount with as many decimals as matter: `<0.01`, `3.65`, `12.5`, `1,234`.
pub(super) fn decimal(amount: f64) -> String {
    let places = match amount {
        _ if amount < 10.0 => 2,
        _ if amount < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{amount:.places$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    match rest.trim_end_matches('0') {
        "" if whole == "0" && amount > 0.0 => "<0.01".to_owned(),
        "" => whole,
        rest => format!("{whole}.{rest}"),
    }
}

/// The length of a run: `24 h`, `7 days`, `90 min`; what is no round number as `1 h 1 min 1 s`.
pub(super) fn span(span: Millis) -> String {
    let whole = |unit: Millis| span.0 > 0 && span.0.is_multiple_of(unit.0);
    if whole(Millis::DAY) && span.0 >= 3 * Millis::DAY.0 {
        return count(span.0 / Millis::DAY.0, "day", "days");
    }
    let single = &UNITS[1..4];
    let fitting = single.iter().find(|(_, unit)| whole(Millis(*unit)));
    fitting.map_or_else(
        || parts(span.0),
        |(name, unit)| bound(&format!("{} {name}", grouped(span.0 / unit))),
    )
}

/// Units of time from the largest to the smallest, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("days", Millis::DAY.0),
    ("h", Millis::HOUR.0),
    ("min", Millis::MINUTE.0),
    ("s", Millis::SECOND.0),
    ("ms", 1),
];

/// All that a length of time is made of: `1 h 1 min`, `26 h 5 min`, `3 days 2 h`.
pub(super) fn parts(millis: u64) -> String {
    let days = millis >= 3 * Millis::DAY.0;
    let mut rest = millis;
    let mut said = Vec::new();
    for (name, unit) in UNITS.into_iter().skip(usize::from(!days)) {
        if rest >= unit {
            said.push(format!("{} {name}", grouped(rest / unit)));
            rest %= unit;
        }
    }
    if said.is_empty() {
        said.push("0 s".to_owned());
    }
    bound(&said.join(" "))
}

/// A wait in milliseconds, no finer than it matters: `807 ms`, `6.8 s`, `45 s`, `2 min 9 s`,
/// `58 min`, `1 h 51 min`, `4 days 3 h`.
pub(super) fn duration(millis: u64) -> String {
    const TEN_MINUTES: u64 = 10 * Millis::MINUTE.0;
    const THREE_DAYS: u64 = 3 * Millis::DAY.0;
    let step = match millis {
        0..1_000 => 1,
        1_000..9_950 => 100,
        9_950..TEN_MINUTES => Millis::SECOND.0,
        TEN_MINUTES..THREE_DAYS => Millis::MINUTE.0,
        _ => Millis::HOUR.0,
    };
    let rounded = (millis.saturating_add(step / 2) / step).saturating_mul(step);
    match (rounded / 1_000, rounded % 1_000 / 100) {
        (seconds @ 1..10, tenths @ 1..) => bound(&format!("{seconds}.{tenths} s")),
        _ => parts(rounded),
    }
}

/// A mean wait in milliseconds.
pub(super) fn mean(millis: f64) -> String {
    match format!("{millis:.0}").parse() {
        Ok(0) if millis > 0.0 => bound("less than 1 ms"),
        Ok(whole) => duration(whole),
        Err(_) => bound(&format!("{millis} ms")),
    }
}

/// Text of the user's on one line: what would steer a terminal becomes blank.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// A paragraph in lines of at most `width` columns; further lines are indented. Words that are
/// bound together stay so; what is longer than a line has one of its own.
pub(super) fn wrap(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| unbound(line)).collect()
}

/// The words as they are shown.
pub(super) fn unbound(line: &str) -> String {
    line.replace(NO_BREAK, " ")
}

#[cfg(test)]
mod tests {
    use super::{
        amounts, bound, count, decimal, duration, grouped, list, mean, percent, plain, regrouped,
        span, unbound, wrap,
    };
    use crate::units::Millis;

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(unbound(&count(0, "task", "tasks")), "0 tasks");
        assert_eq!(unbound(&count(1, "task", "tasks")), "1 task");
        assert_eq!(unbound(&count(2, "task", "tasks")), "2 tasks");
        let shape = unbound(&amounts(1, 2_048, 1));
        assert_eq!(shape, "1 CPU unit, 2,048 MiB, 1 GPU");
        let lacked = unbound(&regrouped("1024 CPU units and 1576 MiB"));
        assert_eq!(lacked, "1,024 CPU units and 1,576 MiB");
    }

    #[test]
    fn amounts_have_as_many_decimals_as_matter() {
        for (amount, said) in [
            (0.0, "0"),
            (0.004, "<0.01"),
            (0.046, "0.05"),
            (3.65, "3.65"),
            (7.0, "7"),
            (12.34, "12.3"),
            (66.667, "66.7"),
            (200.0, "200"),
            (12_345.6, "12,346"),
        ] {
            assert_eq!(decimal(amount), said);
        }
    }

    #[test]
    fn spans_keep_one_unit_where_they_can() {
        let said = |ms| unbound(&span(Millis(ms)));
        assert_eq!(said(86_400_000), "24 h");
        assert_eq!(said(7 * 86_400_000), "7 days");
        assert_eq!(said(5_400_000), "90 min");
        assert_eq!(said(90_000), "90 s");
        assert_eq!(said(90_500), "1 min 30 s 500 ms");
        assert_eq!(said(0), "0 s");
    }

    #[test]
    fn waits_are_told_no_finer_than_they_matter() {
        let said = |ms| unbound(&duration(ms));
        assert_eq!(said(999), "999 ms");
        assert_eq!(said(6_807), "6.8 s");
        assert_eq!(said(9_949), "9.9 s");
        assert_eq!(said(9_950), "10 s");
        assert_eq!(said(59_500), "1 min");
        assert_eq!(said(129_000), "2 min 9 s");
        assert_eq!(said(3_489_000), "58 min");
        assert_eq!(said(3_590_000), "1 h");
        assert_eq!(said(6_660_000), "1 h 51 min");
        assert_eq!(said(4 * 86_400_000 + 10_000_000), "4 days 3 h");
        assert_eq!(unbound(&mean(0.4)), "less than 1 ms");
        assert_eq!(unbound(&mean(83_250.5)), "1 min 23 s");
    }

    #[test]
    fn percents_have_decimals_only_close_to_the_ends() {
        for (fraction, said) in [
            (0.0, "0 %"),
            (0.000_04, "<0.01 %"),
            (0.000_5, "0.05 %"),
            (0.000_96, "0.1 %"),
            (0.004, "0.4 %"),
            (0.009_6, "1 %"),
            (0.414, "41 %"),
            (0.996, "99.6 %"),
            (0.999_6, ">99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(unbound(&percent(fraction)), said, "{fraction}");
        }
    }

    #[test]
    fn lists_and_lines_read_well() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(list(&words("a")), "a");
        assert_eq!(list(&words("a b")), "a and b");
        assert_eq!(list(&words("a b c")), "a, b and c");
        assert_eq!(wrap("one two three", 9), ["one two", "  three"]);
        let one_line = ["one", "  two three"];
        assert_eq!(wrap(&format!("one {}", bound("two three")), 11), one_line);
        assert_eq!(wrap("", 9), Vec::<String>::new());
        assert_eq!(wrap("incomprehensibilities", 9), ["incomprehensibilities"]);
        assert_eq!(plain("a\x1b[2Jb\nc"), "a [2Jb c");
    }
}
