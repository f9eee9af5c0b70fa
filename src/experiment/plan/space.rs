//! All choices of a plan: one value of each variable, made when they are asked for.

use crate::scenario::{PlanValue, Variable};

/// More choices are not looked at: each is loaded once, and that alone would take long.
pub const MOST_CHOICES: u64 = 20_000;

/// The choices of a plan, numbered from 0; the last variable changes first.
#[derive(Debug, Clone, Copy)]
pub struct Space<'a> {
    variables: &'a [Variable],
    len: u64,
}

impl<'a> Space<'a> {
    /// All combinations of the variables' values.
    ///
    /// # Errors
    /// How many they are, when they are more than [`MOST_CHOICES`].
    pub fn new(variables: &'a [Variable]) -> Result<Self, u128> {
        let sizes = variables.iter().map(|variable| variable.values.len());
        let sizes = sizes.map(|size| u128::try_from(size).unwrap_or(u128::MAX));
        let count = sizes.fold(1, u128::saturating_mul);
        match u64::try_from(count) {
            Ok(len) if len <= MOST_CHOICES => Ok(Self { variables, len }),
            _ => Err(count),
        }
    }

    /// How many there are.
    pub fn len(self) -> u64 {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Which value of each variable a choice has.
    pub fn places(self, number: u64) -> Vec<usize> {
        let mut rest = number;
        let mut places = Vec::with_capacity(self.variables.len());
        for variable in self.variables.iter().rev() {
            let size = u64::try_from(variable.values.len()).unwrap_or(u64::MAX);
            let size = size.max(1);
            places.push(usize::try_from(rest % size).unwrap_or(usize::MAX));
            rest /= size;
        }
        places.reverse();
        places
    }

    /// The values of a choice, in the order of the variables.
    pub fn values(self, number: u64) -> Vec<&'a PlanValue> {
        let places = self.variables.iter().zip(self.places(number));
        places
            .filter_map(|(variable, place)| variable.values.get(place))
            .collect()
    }

    /// What a choice sets, as arguments of `--set`.
    pub fn sets(self, number: u64) -> Vec<String> {
        let values = self.values(number).into_iter();
        values
            .flat_map(|value| value.sets.iter().cloned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_CHOICES, Space};
    use crate::scenario::{PlanValue, Variable};

    fn variable(name: &str, values: usize) -> Variable {
        let value = |number: usize| PlanValue {
            label: number.to_string(),
            sets: vec![format!("{name}={number}")],
        };
        Variable {
            name: name.to_owned(),
            place: String::new(),
            values: (0..values).map(value).collect(),
        }
    }

    #[test]
    fn every_combination_comes_once_the_last_variable_first() {
        let variables = [variable("a", 2), variable("b", 3)];
        let space = Space::new(&variables).unwrap();
        let all: Vec<String> = (0..space.len())
            .map(|number| space.sets(number).join(" "))
            .collect();
        assert_eq!(
            all,
            [
                "a=0 b=0", "a=0 b=1", "a=0 b=2", "a=1 b=0", "a=1 b=1", "a=1 b=2"
            ]
        );
    }

    #[test]
    fn there_is_a_limit() {
        let most = usize::try_from(MOST_CHOICES).unwrap();
        assert!(Space::new(&[variable("a", most)]).is_ok());
        let many = [variable("a", most), variable("b", 2), variable("c", 5)];
        assert_eq!(
            Space::new(&many).unwrap_err(),
            10 * u128::from(MOST_CHOICES)
        );
        assert_eq!(
            Space::new(&[variable("a", 2), variable("b", 0)])
                .unwrap()
                .len(),
            0
        );
    }
}
