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

/// `1 task`, `1,234 tasks`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
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
        "{}, {} MiB",
        count(cpu, "CPU unit", "CPU units"),
        grouped(memory)
    );
    if gpu > 0 {
        text += ", ";
        text += &count(gpu, "GPU", "GPUs");
    }
    text
}

/// A fraction as `41 %`; with a decimal where whole percents would say nothing or all.
#[expect(
    clippy::float_arithmetic,
    reason = "for people's eyes: the exact figure is in summary.json"
)]
pub(super) fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    let close_to_an_end = (percent > 0.0 && percent < 1.0) || (percent > 99.0 && percent < 100.0);
    if close_to_an_end {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// The length of a run: `24 h`, `7 days`, `90 min`; what is no round number as `1h 1m 1s`.
pub(super) fn span(span: Millis) -> String {
    let whole = |unit: Millis| span.0 > 0 && span.0.is_multiple_of(unit.0);
    if whole(Millis::DAY) && span.0 >= 3 * Millis::DAY.0 {
        return format!("{} days", grouped(span.0 / Millis::DAY.0));
    }
    let units = [
        (Millis::HOUR, "h"),
        (Millis::MINUTE, "min"),
        (Millis::SECOND, "s"),
    ];
    let fitting = units.into_iter().find(|(unit, _)| whole(*unit));
    fitting.map_or_else(
        || span.to_string(),
        |(unit, name)| format!("{} {name}", grouped(span.0 / unit.0)),
    )
}

/// A wait in milliseconds: from 10 s on in whole seconds, from 1 h on in whole minutes.
pub(super) fn rounded(millis: u64) -> String {
    let step = match millis {
        0..10_000 => 1,
        10_000..3_600_000 => 1_000,
        _ => 60_000,
    };
    Millis((millis.saturating_add(step / 2) / step).saturating_mul(step)).to_string()
}

/// A mean wait in milliseconds.
pub(super) fn mean(millis: f64) -> String {
    match format!("{millis:.0}").parse() {
        Ok(0) if millis > 0.0 => "less than 1ms".to_owned(),
        Ok(whole) => rounded(whole),
        Err(_) => format!("{millis} ms"),
    }
}

/// Text of the user's on one line: what would steer a terminal becomes blank.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// A paragraph in lines of at most `width` columns; further lines are indented. A word that is
/// longer has a line of its own.
pub(super) fn wrap(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{amounts, count, grouped, list, mean, percent, plain, rounded, span, wrap};
    use crate::units::Millis;

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(count(0, "task", "tasks"), "0 tasks");
        assert_eq!(count(1, "task", "tasks"), "1 task");
        assert_eq!(count(2, "task", "tasks"), "2 tasks");
        assert_eq!(amounts(1, 2_048, 1), "1 CPU unit, 2,048 MiB, 1 GPU");
    }

    #[test]
    fn spans_keep_one_unit_where_they_can() {
        let said = |ms| span(Millis(ms));
        assert_eq!(said(86_400_000), "24 h");
        assert_eq!(said(7 * 86_400_000), "7 days");
        assert_eq!(said(5_400_000), "90 min");
        assert_eq!(said(90_000), "90 s");
        assert_eq!(said(90_500), "1m 30s 500ms");
        assert_eq!(said(0), "0s");
    }

    #[test]
    fn waits_are_told_no_finer_than_they_matter() {
        assert_eq!(rounded(9_999), "9s 999ms");
        assert_eq!(rounded(12_499), "12s");
        assert_eq!(rounded(3_629_999), "1h");
        assert_eq!(mean(0.4), "less than 1ms");
        assert_eq!(mean(83_250.5), "1m 23s");
    }

    #[test]
    fn percents_have_decimals_only_close_to_the_ends() {
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.004), "0.4 %");
        assert_eq!(percent(0.414), "41 %");
        assert_eq!(percent(0.996), "99.6 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn lists_and_lines_read_well() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(list(&words("a")), "a");
        assert_eq!(list(&words("a b")), "a and b");
        assert_eq!(list(&words("a b c")), "a, b and c");
        assert_eq!(wrap("one two three", 9), ["one two", "  three"]);
        assert_eq!(wrap("", 9), Vec::<String>::new());
        assert_eq!(wrap("incomprehensibilities", 9), ["incomprehensibilities"]);
        assert_eq!(plain("a\x1b[2Jb\nc"), "a [2Jb c");
    }
}
