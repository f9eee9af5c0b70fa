//! Agent versions in version order: 1.14.5 comes after 1.9.0.

use std::cmp::Ordering;
use std::fmt;

/// Numbers separated by dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version(Vec<u64>);

impl Version {
    /// Reads `1.14.5`; `None` when the text is anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let part = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        text.split('.')
            .map(part)
            .collect::<Option<Vec<u64>>>()
            .map(Self)
    }

    /// Reads what an agent reports: the leading version counts, what follows (`-rc1`) does not.
    pub(super) fn of_agent(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        Self::parse(&text[..end])
    }

    /// Version order; a part that is not given is 0.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let longest = self.0.len().max(other.0.len());
        let part = |version: &Self, place: usize| version.0.get(place).copied().unwrap_or(0);
        (0..longest)
            .map(|place| part(self, place).cmp(&part(other, place)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::Version;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        for (left, right, expected) in [
            ("1.14.5", "1.9.0", Ordering::Greater),
            ("1.14", "1.14.0", Ordering::Equal),
            ("1.14.5", "1.14.10", Ordering::Less),
            ("2", "1.99.99", Ordering::Greater),
        ] {
            let read = |text| Version::parse(text).unwrap();
            assert_eq!(read(left).order(&read(right)), expected, "{left} {right}");
        }
    }

    #[test]
    fn only_numbers_and_dots_are_a_version() {
        for text in [
            "",
            ".",
            "1.",
            "1..2",
            "v1.2",
            "1.2-rc1",
            "1.+2",
            "99999999999999999999999",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::of_agent("1.2-rc1"), Version::parse("1.2"));
        assert_eq!(Version::of_agent("unknown"), None);
    }
}
