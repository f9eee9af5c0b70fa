//! Figures of any unit as people read them.

use crate::experiment::figures::Unit;
use crate::units::Fixed;

use super::words::{bound, grouped, mean, parts};

/// The figure with all its digits: `$1,234.5678`, `99.94 %`, `1 min 30 s`, `12,345`.
pub(super) fn exact(unit: Unit, figure: Fixed) -> String {
    let sign = if figure < Fixed::ZERO { "-" } else { "" };
    let size = figure.abs();
    let said = match unit {
        Unit::Usd => dollars(size),
        Unit::Share => format!("{} %", digits(Fixed(size.0.saturating_mul(100)))),
        Unit::Percent => format!("{} %", digits(size)),
        Unit::Milliseconds => match size.to_string().parse() {
            Ok(whole) => parts(whole),
            Err(_) => format!("{} ms", digits(size)),
        },
        Unit::Count => digits(size),
    };
    bound(&[sign, &said].concat())
}

/// The figure as far as people look: `$1,234.57`, `39.1 %`, `2 min 9 s`, `12.3`.
pub(super) fn rounded(unit: Unit, figure: Fixed) -> String {
    let sign = if figure < Fixed::ZERO { "-" } else { "" };
    let size = figure.abs();
    let said = match unit {
        Unit::Usd => shortened_dollars(size),
        Unit::Share => format!("{} %", shortened(Fixed(size.0.saturating_mul(100)))),
        Unit::Percent => format!("{} %", shortened(size)),
        Unit::Milliseconds if size < Fixed::from(10) => match size {
            Fixed::ZERO => "0 s".to_owned(),
            _ => format!("{} ms", shortened(size)),
        },
        Unit::Milliseconds => mean(size.to_f64()),
        Unit::Count => shortened(size),
    };
    bound(&[sign, &said].concat())
}

/// A difference of two figures, without its sign: that of two shares is in points.
pub(super) fn distance(unit: Unit, difference: Fixed) -> String {
    let size = difference.abs();
    let points = match unit {
        Unit::Share => Fixed(size.0.saturating_mul(100)),
        Unit::Percent => size,
        _ => return rounded(unit, size),
    };
    let digits = shortened(points);
    let noun = if digits == "1" { "point" } else { "points" };
    bound(&format!("{digits} {noun}"))
}

/// A part of a whole as `18 %`, without its sign: whole per cents from ten on.
pub(super) fn share(part: Fixed) -> String {
    let percents = Fixed(part.0.saturating_mul(100)).abs();
    let said = if percents >= Fixed::from(10) {
        digits(percents.rounded(0))
    } else if percents >= Fixed::from(1) {
        digits(percents.rounded(1))
    } else {
        digits(significant(percents))
    };
    bound(&format!("{said} %"))
}

/// `15 to 21 %`, `$1.20 to $1.30`: a unit that both ends have is said once.
pub(super) fn range(low: &str, high: &str) -> String {
    let parts = |text: &str| -> Vec<String> {
        let words = text.split(['\u{a0}', ' ']);
        words.map(str::to_owned).collect()
    };
    match (parts(low).as_slice(), parts(high).as_slice()) {
        _ if low == high => high.to_owned(),
        ([number, unit], [_, other]) if unit == other => bound(&format!("{number} to {high}")),
        _ => bound(&format!("{low} to {high}")),
    }
}

/// Cents, and of small sums what there is beyond them.
fn shortened_dollars(size: Fixed) -> String {
    if size >= Fixed::from(1) || size == Fixed::ZERO {
        dollars(size.rounded(2))
    } else {
        dollars(significant(size))
    }
}

/// As many decimals as say something: none from 1,000 on, one from 100, two from 1, and three
/// digits below.
fn shortened(size: Fixed) -> String {
    let decimals = match size {
        _ if size >= Fixed::from(1_000) => 0,
        _ if size >= Fixed::from(100) => 1,
        _ if size >= Fixed::from(1) => 2,
        _ => return digits(significant(size)),
    };
    digits(size.rounded(decimals))
}

/// Three digits of a number below 1.
fn significant(size: Fixed) -> Fixed {
    let zeros = size.to_string();
    let zeros = zeros.bytes().skip(2).take_while(|digit| *digit == b'0');
    size.rounded(zeros.count() + 3)
}

/// At least two decimals.
fn dollars(size: Fixed) -> String {
    let text = digits(size);
    match text.split_once('.') {
        None => format!("${text}.00"),
        Some((_, cents)) if cents.len() < 2 => format!("${text}0"),
        Some(_) => format!("${text}"),
    }
}

/// Thousands set apart by commas.
fn digits(size: Fixed) -> String {
    let text = size.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let point = if fraction.is_empty() { "" } else { "." };
    [&whole, point, fraction].concat()
}

#[cfg(test)]
mod tests {
    use super::{distance, exact, range, rounded, share};
    use crate::experiment::figures::Unit;
    use crate::report::words::unbound;
    use crate::units::Fixed;

    #[test]
    fn exact_figures_keep_all_their_digits() {
        for (unit, figure, said) in [
            (Unit::Usd, "1234.5678", "$1,234.5678"),
            (Unit::Usd, "0.1", "$0.10"),
            (Unit::Usd, "-3", "-$3.00"),
            (Unit::Share, "0.999412", "99.9412 %"),
            (Unit::Share, "1", "100 %"),
            (Unit::Percent, "59.25", "59.25 %"),
            (Unit::Milliseconds, "90000", "1 min 30 s"),
            (Unit::Milliseconds, "3661000", "1 h 1 min 1 s"),
            (Unit::Milliseconds, "1250", "1 s 250 ms"),
            (Unit::Milliseconds, "0.5", "0.5 ms"),
            (Unit::Count, "1234567.5", "1,234,567.5"),
            (Unit::Count, "0", "0"),
        ] {
            let exact = exact(unit, Fixed::parse(figure).unwrap());
            assert_eq!(unbound(&exact), said, "{figure}");
        }
    }

    #[test]
    fn rounded_figures_keep_what_people_look_at() {
        for (unit, figure, said) in [
            (Unit::Usd, "1234.5678", "$1,234.57"),
            (Unit::Usd, "12", "$12.00"),
            (Unit::Usd, "0.012345", "$0.0123"),
            (Unit::Usd, "0", "$0.00"),
            (Unit::Share, "0.391234", "39.12 %"),
            (Unit::Share, "1", "100 %"),
            (Unit::Share, "0.00001", "0.001 %"),
            (Unit::Milliseconds, "129400", "2 min 9 s"),
            (Unit::Milliseconds, "-3000", "-3 s"),
            (Unit::Milliseconds, "0.25", "0.25 ms"),
            (Unit::Milliseconds, "0", "0 s"),
            (Unit::Count, "12345.6", "12,346"),
            (Unit::Count, "8", "8"),
            (Unit::Count, "2.666666666667", "2.67"),
        ] {
            let rounded = rounded(unit, Fixed::parse(figure).unwrap());
            assert_eq!(unbound(&rounded), said, "{figure}");
        }
        let part = |text| unbound(&share(Fixed::parse(text).unwrap()));
        assert_eq!(part("-0.1845"), "18 %");
        assert_eq!(part("0.0345"), "3.5 %");
        assert_eq!(part("0.000345"), "0.0345 %");
        assert_eq!(unbound(&range("15 %", "21 %")), "15 to 21 %");
        assert_eq!(unbound(&range("59 s", "2 min 9 s")), "59 s to 2 min 9 s");
        assert_eq!(unbound(&range("$1.20", "$1.30")), "$1.20 to $1.30");
        let apart = |unit, text| unbound(&distance(unit, Fixed::parse(text).unwrap()));
        assert_eq!(apart(Unit::Share, "-0.0012"), "0.12 points");
        assert_eq!(apart(Unit::Share, "0.01"), "1 point");
        assert_eq!(apart(Unit::Percent, "3.5"), "3.5 points");
        assert_eq!(apart(Unit::Usd, "-3.5"), "$3.50");
    }
}
