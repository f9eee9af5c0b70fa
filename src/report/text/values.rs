//! Figures of any unit as people read them.

use crate::experiment::figures::Unit;
use crate::units::Fixed;

use super::words::{bound, grouped, parts};

/// The figure with all its digits: `$1,234.5678`, `99.94 %`, `1 min 30 s`, `12,345`.
pub(in crate::report) fn exact(unit: Unit, figure: Fixed) -> String {
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
    use super::exact;
    use crate::experiment::figures::Unit;
    use crate::report::text::words::unbound;
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
}
