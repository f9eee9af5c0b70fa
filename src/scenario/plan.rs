//! `plan`: what may vary, and what must hold.

use std::fmt;

use super::checks::Check;
use super::figure::FigurePath;

/// A part of a whole, more than nothing and less than all of it: so many millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

/// All of it.
const WHOLE: u32 = 1_000_000;

impl Share {
    /// A share of so many millionths; `None` for nothing and for the whole.
    pub fn of_millionths(millionths: u32) -> Option<Self> {
        (1..WHOLE).contains(&millionths).then_some(Self(millionths))
    }

    /// How many millionths.
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// What is missing to the whole.
    #[must_use]
    pub fn rest(self) -> Self {
        Self(WHOLE - self.0)
    }
}

/// In per cent: `95 %`, `99.5 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (percent, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{percent} %");
        }
        let decimals = format!("{rest:04}");
        write!(f, "{percent}.{} %", decimals.trim_end_matches('0'))
    }
}

/// What a plan looks for: of all choices the one whose `objective` is least, among those that hold
/// the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What may vary, in the order of the file.
    pub vary: Vec<Variable>,
    /// `require`: what must hold beside the scenario's checks.
    pub require: Vec<Check>,
    /// `holdsIn`: the share of all runs in which the checks must hold.
    pub holds_in: Share,
    /// `confidence`: how sure that must be.
    pub confidence: Share,
    /// `objective`: the figure that is to be as low as may be.
    pub objective: FigurePath,
    /// `budget`: the most runs.
    pub budget: u64,
}

impl Plan {
    /// The most runs where none are given.
    pub const BUDGET: u64 = 500;

    /// Whether some value sets a path that ends in this key.
    pub fn varies(&self, key: &str) -> bool {
        let values = self.vary.iter().flat_map(|variable| &variable.values);
        let mut sets = values.flat_map(|value| &value.sets);
        sets.any(|set| {
            let path = set.split('=').next().unwrap_or_default();
            path.rsplit('.').next() == Some(key)
        })
    }
}

/// Something that may vary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its path, or its name where it moves several.
    pub name: String,
    /// Where it stands: `plan.yaml:12:5`.
    pub place: String,
    /// What it may be; never empty.
    pub values: Vec<Value>,
}

/// What a variable may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it is called: `5`, `m5.large`, `spread-az+binpack-memory`.
    pub label: String,
    /// What it sets, as arguments of `--set`.
    pub sets: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn a_share_is_neither_nothing_nor_all() {
        assert_eq!(Share::of_millionths(0), None);
        assert_eq!(Share::of_millionths(1_000_000), None);
        let share = |millionths| Share::of_millionths(millionths).unwrap();
        assert_eq!(share(950_000).to_string(), "95 %");
        assert_eq!(share(995_000).to_string(), "99.5 %");
        assert_eq!(share(1).to_string(), "0.0001 %");
        assert_eq!(share(100_000).rest(), share(900_000));
    }
}
