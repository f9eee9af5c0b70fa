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
mod tests;
