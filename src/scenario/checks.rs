//! `checks`: what must be true of a run's summary, such as `placement.waitMs.p99 <= 60000`.

use std::ops::Range;

use crate::units::{Fixed, Millis};

use super::diagnostics::Place;
use super::figure::{FigurePath, Unit};

/// What must be true of the summary of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `name`, when it has one.
    pub name: Option<String>,
    /// The expression as it is written.
    pub text: String,
    /// What it looks at.
    pub expression: Expression,
    /// Where the figure's path is written.
    pub(crate) place: Place,
}

/// A figure compared with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The figure.
    pub figure: FigurePath,
    /// How it must stand to the threshold.
    pub comparison: Comparison,
    /// The threshold, in the figure's unit.
    pub threshold: Fixed,
}

/// How a figure must stand to a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// How each is written.
const WRITTEN: [(&str, Comparison); 6] = [
    ("<", Comparison::Less),
    ("<=", Comparison::AtMost),
    (">", Comparison::Greater),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
];
/// What people write for them elsewhere.
const SLIPS: [(&str, Comparison); 9] = [
    ("=", Comparison::Equal),
    ("===", Comparison::Equal),
    ("=<", Comparison::AtMost),
    ("≤", Comparison::AtMost),
    ("=>", Comparison::AtLeast),
    ("≥", Comparison::AtLeast),
    ("<>", Comparison::NotEqual),
    ("!==", Comparison::NotEqual),
    ("≠", Comparison::NotEqual),
];
const EXAMPLE: &str = "for instance `placement.waitMs.p99 <= 60000`";

const COMPARES_ONCE: &str = "a check compares once; write several, of which each must hold";

impl Comparison {
    /// `<`, `<=`, ...
    pub fn written(self) -> &'static str {
        let found = WRITTEN.iter().find(|(_, comparison)| *comparison == self);
        found.map_or("", |(written, _)| written)
    }

    /// Whether a measured value stands so to the threshold.
    pub fn holds(self, measured: Fixed, threshold: Fixed) -> bool {
        match self {
            Self::Less => measured < threshold,
            Self::AtMost => measured <= threshold,
            Self::Greater => measured > threshold,
            Self::AtLeast => measured >= threshold,
            Self::Equal => measured == threshold,
            Self::NotEqual => measured != threshold,
        }
    }

    /// How much the value could still change towards the threshold; negative by as much as it is
    /// beyond it. For `==` and `!=` the distance.
    pub fn margin(self, measured: Fixed, threshold: Fixed) -> Fixed {
        match self {
            Self::Less | Self::AtMost => threshold - measured,
            Self::Greater | Self::AtLeast => measured - threshold,
            Self::Equal | Self::NotEqual => (threshold - measured).abs(),
        }
    }

    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            Self::Equal | Self::NotEqual => self,
        }
    }
}

/// What is wrong with an expression, or not as it seems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
    pub(crate) title: String,
    pub(crate) help: String,
}

/// An expression that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) expression: Expression,
    /// Where the figure's path is.
    pub(crate) figure: Range<usize>,
    /// What is perhaps not meant.
    pub(crate) doubt: Option<Remark>,
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Parsed, Remark> {
    let Some(operator) = find_operator(text) else {
        return Err(Remark {
            span: 0..text.len(),
            title: "this compares nothing".to_owned(),
            help: format!("a check is a figure, a comparison and a number: {EXAMPLE}"),
        });
    };
    let figure = trimmed(text, 0..operator.start);
    let number = trimmed(text, operator.end..text.len());
    let comparison = read_operator(text, operator.clone())?;
    for (part, what, side) in [(&figure, "figure", "before"), (&number, "number", "after")] {
        if part.is_empty() {
            let written = comparison.written();
            return Err(Remark {
                span: operator,
                title: format!("there is no {what} {side} `{written}`"),
                help: EXAMPLE.to_owned(),
            });
        }
    }
    let path = &text[figure.clone()];
    if path.starts_with(|first: char| first.is_ascii_digit() || "$-+.".contains(first)) {
        let (turned, other) = (comparison.turned().written(), &text[number]);
        let help = if other.contains(is_operator) {
            COMPARES_ONCE.to_owned()
        } else {
            format!("write `{other} {turned} {path}`")
        };
        return Err(Remark {
            span: figure,
            title: "the figure comes first".to_owned(),
            help,
        });
    }
    let path = FigurePath::parse(path).map_err(|reason| Remark {
        span: figure.clone(),
        title: format!("`{path}` {reason}"),
        help: "a path is names joined by dots; a name with dots may stand in double quotes"
            .to_owned(),
    })?;
    let (threshold, doubt) = Threshold { text, span: number }.read(&path)?;
    Ok(Parsed {
        expression: Expression {
            figure: path,
            comparison,
            threshold,
        },
        figure,
        doubt,
    })
}

fn is_operator(character: char) -> bool {
    "<>=!≤≥≠".contains(character)
}

/// The first run of characters that compare, outside quotes.
fn find_operator(text: &str) -> Option<Range<usize>> {
    let mut is_quoted = false;
    let (start, _) = text.char_indices().find(|(_, character)| {
        is_quoted ^= *character == '"';
        !is_quoted && is_operator(*character)
    })?;
    let rest = &text[start..];
    let length = rest.find(|character| !is_operator(character));
    Some(start..start + length.unwrap_or(rest.len()))
}

fn read_operator(text: &str, span: Range<usize>) -> Result<Comparison, Remark> {
    let written = &text[span.clone()];
    let meant = |list: &[(&str, Comparison)]| {
        let found = list.iter().find(|(known, _)| *known == written);
        found.map(|(_, comparison)| *comparison)
    };
    meant(&WRITTEN).ok_or_else(|| Remark {
        span,
        title: format!("`{written}` is no comparison"),
        help: match meant(&SLIPS) {
            Some(comparison) => format!("write `{}`", comparison.written()),
            None => "the comparisons are `<`, `<=`, `>`, `>=`, `==` and `!=`".to_owned(),
        },
    })
}

/// The span without the blanks at its ends.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let part = &text[span.clone()];
    let start = span.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// The number of an expression, where it stands.
struct Threshold<'a> {
    text: &'a str,
    span: Range<usize>,
}

impl Threshold<'_> {
    fn written(&self) -> &str {
        &self.text[self.span.clone()]
    }

    fn remark(&self, title: String, help: impl Into<String>) -> Remark {
        Remark {
            span: self.span.clone(),
            title,
            help: help.into(),
        }
    }

    /// The number in the unit of the figure, and what is strange about it.
    fn read(&self, figure: &FigurePath) -> Result<(Fixed, Option<Remark>), Remark> {
        let (written, unit) = (self.written(), figure.unit());
        if let Some(number) = written.strip_suffix('%') {
            return self.read_percents(number.trim_end(), figure);
        }
        if let Ok(number) = Fixed::parse(written) {
            return Ok((number, None));
        }
        match Millis::parse(written) {
            Ok(span) if unit == Unit::Milliseconds => Ok((Fixed::from(span.0), None)),
            Ok(_) => Err(self.remark(
                format!("`{written}` is a duration, and `{figure}` is not"),
                "figures of time have a key that ends in `Ms`",
            )),
            Err(_) => Err(self.no_number(unit)),
        }
    }

    fn read_percents(
        &self,
        number: &str,
        figure: &FigurePath,
    ) -> Result<(Fixed, Option<Remark>), Remark> {
        let unit = figure.unit();
        let Ok(percents) = Fixed::parse(number) else {
            return Err(self.no_number(unit));
        };
        if percents.0 % 100 != 0 {
            let title = format!("`{number}%` has more decimals than any figure");
            return Err(self.remark(title, "ten decimals of a per cent are read"));
        }
        if unit == Unit::Percent {
            let title = format!("`{figure}` is in per cent already, 100 being the whole");
            return Err(self.remark(title, format!("write `{number}`")));
        }
        let hundredths = percents.hundredth();
        let doubt = (unit != Unit::Share).then(|| {
            self.remark(
                format!("`{figure}` is no part of a whole"),
                format!("`{number}%` is the number {hundredths}"),
            )
        });
        Ok((hundredths, doubt))
    }

    fn no_number(&self, unit: Unit) -> Remark {
        let written = self.written();
        let plain = written.trim_start_matches('$').replace([',', '_'], "");
        let joins = ["&&", "||", " and ", " or "];
        let several =
            joins.iter().any(|join| written.contains(join)) || written.contains(is_operator);
        let help = if several {
            COMPARES_ONCE.to_owned()
        } else if plain != written && Fixed::parse(&plain).is_ok() {
            format!("write `{plain}`")
        } else if unit == Unit::Milliseconds {
            "expected milliseconds such as `60000`, or a duration such as `5m`".to_owned()
        } else if unit == Unit::Share {
            "expected a number such as `0.999`, or `99.9%`".to_owned()
        } else {
            "expected a number such as `120`".to_owned()
        };
        self.remark(format!("`{written}` is not a number"), help)
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, parse};
    use crate::units::Fixed;

    #[test]
    fn expressions_read_as_people_write_them() {
        for (text, figure, comparison, threshold) in [
            (
                "placement.waitMs.p99 <= 60000",
                "placement.waitMs.p99",
                Comparison::AtMost,
                "60000",
            ),
            (
                "placement.waitMs.p99<=1m",
                "placement.waitMs.p99",
                Comparison::AtMost,
                "60000",
            ),
            (
                "services.web.unavailableMs < 1h30m",
                "services.web.unavailableMs",
                Comparison::Less,
                "5400000",
            ),
            (
                "services.web.availability >= 99.9%",
                "services.web.availability",
                Comparison::AtLeast,
                "0.999",
            ),
            (
                " cost.totalUsd  <  120.50 ",
                "cost.totalUsd",
                Comparison::Less,
                "120.5",
            ),
            ("tasks.failed == 0", "tasks.failed", Comparison::Equal, "0"),
            (
                "tasks.failed != 3",
                "tasks.failed",
                Comparison::NotEqual,
                "3",
            ),
            (
                "a.\"b.c > d\".e > -1",
                "a.b.c > d.e",
                Comparison::Greater,
                "-1",
            ),
            (
                "instances.mean > 1e1",
                "instances.mean",
                Comparison::Greater,
                "10",
            ),
        ] {
            let parsed = parse(text).unwrap();
            let expression = parsed.expression;
            assert_eq!(expression.figure.as_str(), figure, "{text}");
            assert_eq!(expression.comparison, comparison, "{text}");
            assert_eq!(expression.threshold.to_string(), threshold, "{text}");
            assert_eq!(parsed.doubt, None, "{text}");
        }
    }

    #[test]
    fn wrong_expressions_are_refused_at_their_place_with_a_way_out() {
        for (text, place, said) in [
            (
                "cost.totalUsd",
                "cost.totalUsd",
                "this compares nothing: a check is a figure, a comparison and a number: for instance `placement.waitMs.p99 <= 60000`",
            ),
            (
                "",
                "",
                "this compares nothing: a check is a figure, a comparison and a number: for instance `placement.waitMs.p99 <= 60000`",
            ),
            (
                "< 5",
                "<",
                "there is no figure before `<`: for instance `placement.waitMs.p99 <= 60000`",
            ),
            (
                "a <",
                "<",
                "there is no number after `<`: for instance `placement.waitMs.p99 <= 60000`",
            ),
            ("a = 5", "=", "`=` is no comparison: write `==`"),
            ("a =< 5", "=<", "`=<` is no comparison: write `<=`"),
            ("a ≥ 5", "≥", "`≥` is no comparison: write `>=`"),
            (
                "a <<< 5",
                "<<<",
                "`<<<` is no comparison: the comparisons are `<`, `<=`, `>`, `>=`, `==` and `!=`",
            ),
            (
                "120 > cost.totalUsd",
                "120",
                "the figure comes first: write `cost.totalUsd < 120`",
            ),
            (
                "a..b > 1",
                "a..b",
                "`a..b` has an empty name or a quotation mark too few: a path is names joined by dots; a name with dots may stand in double quotes",
            ),
            (
                "cost.totalUsd < $120",
                "$120",
                "`$120` is not a number: write `120`",
            ),
            (
                "cost.totalUsd < 1,200.5",
                "1,200.5",
                "`1,200.5` is not a number: write `1200.5`",
            ),
            (
                "cost.totalUsd < much",
                "much",
                "`much` is not a number: expected a number such as `120`",
            ),
            (
                "cost.totalUsd < 5m",
                "5m",
                "`5m` is a duration, and `cost.totalUsd` is not: figures of time have a key that ends in `Ms`",
            ),
            (
                "placement.waitMs.p99 < soon",
                "soon",
                "`soon` is not a number: expected milliseconds such as `60000`, or a duration such as `5m`",
            ),
            (
                "services.a.availability > x%",
                "x%",
                "`x%` is not a number: expected a number such as `0.999`, or `99.9%`",
            ),
            (
                "a < 5 and b < 6",
                "5 and b < 6",
                "`5 and b < 6` is not a number: a check compares once; write several, of which each must hold",
            ),
            (
                "0 < a < 5",
                "0",
                "the figure comes first: a check compares once; write several, of which each must hold",
            ),
            (
                "s.load.cpuUtilization.max < 60%",
                "60%",
                "`s.load.cpuUtilization.max` is in per cent already, 100 being the whole: write `60`",
            ),
            (
                "u.availability > 0.00000000001%",
                "0.00000000001%",
                "`0.00000000001%` has more decimals than any figure: ten decimals of a per cent are read",
            ),
        ] {
            let remark = parse(text).unwrap_err();
            assert_eq!(format!("{}: {}", remark.title, remark.help), said, "{text}");
            assert_eq!(&text[remark.span], place, "{text}");
        }
    }

    #[test]
    fn a_per_cent_of_no_whole_is_doubted() {
        let doubt = parse("tasks.failed < 1%").unwrap().doubt.unwrap();
        assert_eq!(doubt.title, "`tasks.failed` is no part of a whole");
        assert_eq!(doubt.help, "`1%` is the number 0.01");
    }

    #[test]
    fn comparisons_and_margins_are_exact() {
        let read = |text| Fixed::parse(text).unwrap();
        for (comparison, measured, holds, margin) in [
            (Comparison::Less, "0.999", false, "0"),
            (Comparison::AtMost, "0.999", true, "0"),
            (Comparison::AtMost, "1", false, "-0.001"),
            (Comparison::Greater, "0.999", false, "0"),
            (
                Comparison::AtLeast,
                "0.999000000001",
                true,
                "0.000000000001",
            ),
            (Comparison::Equal, "0.998", false, "0.001"),
            (Comparison::NotEqual, "1", true, "0.001"),
        ] {
            let (measured, threshold) = (read(measured), read("0.999"));
            assert_eq!(comparison.holds(measured, threshold), holds);
            assert_eq!(comparison.margin(measured, threshold), read(margin));
        }
    }
}
