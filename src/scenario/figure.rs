//! Figures of a summary by their paths, and what they are counted in.

use std::fmt;

use super::path::segments;

/// The path of a figure in `summary.json`: `placement.waitMs.p99`, `services.web.availability`.
/// Its names are joined by dots, whether or not they hold dots themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigurePath(String);

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// US dollars.
    Usd,
    /// A part of a whole, from 0 to 1.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// Per cent, 100 being the whole.
    Percent,
    /// Things.
    Count,
}

/// Last keys of figures that are parts of a whole, `Rate`, `Share` and `availability...` apart.
const SHARES: [&str; 4] = ["reservedMean", "reservedPeak", "usedMean", "fragmentation"];

impl FigurePath {
    /// Reads a path; a name may stand in double quotes.
    ///
    /// # Errors
    /// What is wrong with it, as a clause that follows the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty".to_owned());
        }
        let segments = segments(text).ok_or("has an empty name or a quotation mark too few")?;
        let names: Vec<String> = segments.into_iter().map(|segment| segment.text).collect();
        Ok(Self(names.join(".")))
    }

    /// The path of names that are joined by dots already, none of them in quotes.
    pub const fn joined(names: String) -> Self {
        Self(names)
    }

    /// The names joined by dots.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the figure is counted in, by the keys of its path.
    pub fn unit(&self) -> Unit {
        let path = self.as_str();
        let last = path.rsplit('.').next().unwrap_or(path);
        let has_key = |end: &str| path.split('.').any(|key| key.ends_with(end));
        let is_share = SHARES.contains(&last)
            || last.ends_with("Rate")
            || last.ends_with("Share")
            || last.starts_with("availability")
            || path.starts_with("utilization.stranded.") && ["mean", "peak"].contains(&last);
        if has_key("Usd") || path.starts_with("cost.") {
            Unit::Usd
        } else if has_key("Ms") {
            Unit::Milliseconds
        } else if has_key("Utilization") {
            Unit::Percent
        } else if is_share {
            Unit::Share
        } else {
            Unit::Count
        }
    }
}

impl fmt::Display for FigurePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{FigurePath, Unit};

    #[test]
    fn names_with_dots_may_stand_in_quotes() {
        let read = |text| FigurePath::parse(text).map(|path| path.as_str().to_owned());
        let plain = "utilization.byInstanceType.m5.large.cpu.reservedMean";
        assert_eq!(read(plain).as_deref(), Ok(plain));
        let quoted = "utilization.byInstanceType.\"m5.large\".cpu.reservedMean";
        assert_eq!(read(quoted).as_deref(), Ok(plain));
        for wrong in ["", ".", "a.", ".a", "a..b", "\"a", "a.\"\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_keys_of_a_path_say_what_is_counted() {
        for (path, unit) in [
            ("cost.totalUsd", Unit::Usd),
            ("cost.byService.web", Unit::Usd),
            ("services.web.costUsd", Unit::Usd),
            ("placement.waitMs.p99", Unit::Milliseconds),
            ("services.web.unavailableMs", Unit::Milliseconds),
            ("services.web.load.latencyP99Ms.max", Unit::Milliseconds),
            ("services.web.load.cpuUtilization.mean", Unit::Percent),
            ("services.web.load.errorRate", Unit::Share),
            ("services.web.availabilitySinceReady", Unit::Share),
            ("utilization.cpu.reservedMean", Unit::Share),
            ("utilization.stranded.cpu.peak", Unit::Share),
            ("utilization.stranded.fragmentation", Unit::Share),
            ("utilization.stranded.shape.cpu", Unit::Count),
            ("utilization.byInstanceType.m5.large.instances", Unit::Count),
            ("instances.mean", Unit::Count),
            ("tasks.failed", Unit::Count),
        ] {
            assert_eq!(FigurePath::parse(path).unwrap().unit(), unit, "{path}");
        }
    }
}
