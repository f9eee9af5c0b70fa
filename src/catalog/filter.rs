//! The filter of `ecs-sim catalog`: terms separated by blanks or commas, all of which must hold.
//!
//! A term is a name with `*` and `?` (`m5.*`), a whole name (`m5.large`), a family (`m5`), or a
//! comparison (`vcpu>=4`, `memory<=16GiB`, `arch=arm64`, `price<0.1`).

use std::cmp::Ordering;

use regex::Regex;

use crate::model::CpuArchitecture;
use crate::units::{HourlyRate, nearest};

use super::decimal::{NANO, parse_nano};
use super::{Catalog, CatalogEntry, Hypervisor};

/// A checked filter. One without terms matches every type.
#[derive(Debug, Clone)]
pub struct FilterExpression {
    terms: Vec<Term>,
}

/// The first faulty term of a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset}: {problem}{}", .hint.as_ref().map(|word| format!("; did you mean `{word}`?")).unwrap_or_default())]
pub struct FilterError {
    /// Where the fault begins: bytes from the start of the filter.
    pub offset: usize,
    /// What is wrong.
    pub problem: String,
    /// The valid word that was probably meant.
    pub hint: Option<String>,
}

#[derive(Debug, Clone)]
enum Term {
    /// A name with wildcards.
    Glob(Regex),
    /// A whole name or a family.
    Word(String),
    /// A number against a number, both in units of 10^-9.
    Number(NumberField, Operator, u128),
    /// A word against a word; true for `=`, false for `!=`.
    Choice(ChoiceField, bool, &'static str),
}

#[derive(Debug, Clone, Copy)]
enum NumberField {
    Vcpu,
    Memory,
    Registered,
    Gpu,
    Awsvpc,
    Trunk,
    Price,
}

#[derive(Debug, Clone, Copy)]
enum ChoiceField {
    Architecture,
    Hypervisor,
    Burstable,
    Metal,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    More,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Number(NumberField),
    Choice(ChoiceField),
}

const FIELDS: [(&str, Field); 11] = [
    ("vcpu", Field::Number(NumberField::Vcpu)),
    ("memory", Field::Number(NumberField::Memory)),
    ("registered", Field::Number(NumberField::Registered)),
    ("gpu", Field::Number(NumberField::Gpu)),
    ("awsvpc", Field::Number(NumberField::Awsvpc)),
    ("trunk", Field::Number(NumberField::Trunk)),
    ("price", Field::Number(NumberField::Price)),
    ("arch", Field::Choice(ChoiceField::Architecture)),
    ("hypervisor", Field::Choice(ChoiceField::Hypervisor)),
    ("burstable", Field::Choice(ChoiceField::Burstable)),
    ("metal", Field::Choice(ChoiceField::Metal)),
];

/// Longer ones first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::NotEqual),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
];

/// Units of memory in MiB; ECS's GB are GiB.
const MEMORY_UNITS: [(&str, u64); 6] = [
    ("mib", 1),
    ("mb", 1),
    ("gib", 1_024),
    ("gb", 1_024),
    ("tib", 1_048_576),
    ("tb", 1_048_576),
];

impl FilterExpression {
    /// Reads a filter. Upper and lower case are one. Names and families are looked up in the
    /// catalog, so that a slip is an error and not an empty table.
    ///
    /// # Errors
    /// The first faulty term, with its offset and the nearest valid word.
    pub fn parse(text: &str, catalog: &Catalog) -> Result<Self, FilterError> {
        let separator = |letter: char| letter == ',' || letter.is_whitespace();
        let mut terms = Vec::new();
        let mut offset = 0;
        for piece in text.split_inclusive(separator) {
            let word = piece.trim_end_matches(separator);
            if !word.is_empty() {
                terms.push(term(offset, &word.to_ascii_lowercase(), catalog)?);
            }
            offset += piece.len();
        }
        Ok(Self { terms })
    }

    /// Whether a type meets every term. A type without a price meets no term about prices.
    pub fn matches(&self, entry: &CatalogEntry, price: Option<HourlyRate>) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Glob(pattern) => pattern.is_match(&entry.name),
            Term::Word(word) => *word == entry.name || word == entry.family(),
            Term::Number(field, operator, wanted) => {
                number(*field, entry, price).is_some_and(|has| operator.holds(has.cmp(wanted)))
            }
            Term::Choice(field, equal, wanted) => (choice(*field, entry) == *wanted) == *equal,
        })
    }
}

impl Operator {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        }
    }
}

impl ChoiceField {
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Architecture => &["x86_64", "arm64"],
            Self::Hypervisor => &["nitro", "xen", "none"],
            Self::Burstable | Self::Metal => &["true", "false"],
        }
    }
}

fn number(field: NumberField, entry: &CatalogEntry, price: Option<HourlyRate>) -> Option<u128> {
    let count = match field {
        NumberField::Vcpu => entry.vcpus,
        NumberField::Memory => entry.nominal_memory.0,
        NumberField::Registered => entry.registered_memory.0,
        NumberField::Gpu => entry.gpus,
        NumberField::Awsvpc => entry.awsvpc_tasks,
        NumberField::Trunk => entry.awsvpc_tasks_at_most(),
        NumberField::Price => return price.map(|rate| u128::from(rate.0)),
    };
    Some(u128::from(count) * u128::from(NANO))
}

fn choice(field: ChoiceField, entry: &CatalogEntry) -> &'static str {
    let truth = |holds| if holds { "true" } else { "false" };
    match field {
        ChoiceField::Architecture => CpuArchitecture::attribute_value(entry.architecture),
        ChoiceField::Hypervisor => Hypervisor::name(entry.hypervisor),
        ChoiceField::Burstable => truth(entry.burstable),
        ChoiceField::Metal => truth(entry.bare_metal),
    }
}

fn term(offset: usize, word: &str, catalog: &Catalog) -> Result<Term, FilterError> {
    if let Some(at) = word.find(['<', '>', '=', '!']) {
        return comparison(offset, word, at);
    }
    if word.contains(['*', '?']) {
        let pattern = regex::escape(word).replace(r"\*", ".*").replace(r"\?", ".");
        return match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(pattern) => Ok(Term::Glob(pattern)),
            Err(_) => Err(fault(offset, "the name is too long".to_owned(), None)),
        };
    }
    let families = catalog.entries().iter().map(CatalogEntry::family);
    let known = catalog.instance_type(word).is_some() || families.clone().any(|name| name == word);
    if known {
        return Ok(Term::Word(word.to_owned()));
    }
    let fields = FIELDS.iter().map(|(name, _)| *name);
    let (what, hint) = if word.contains('.') {
        ("instance type", catalog.nearest_name(word))
    } else {
        ("family", nearest(word, families.chain(fields)))
    };
    Err(fault(offset, format!("no {what} `{word}`"), hint))
}

fn comparison(offset: usize, word: &str, at: usize) -> Result<Term, FilterError> {
    let (name, rest) = word.split_at(at);
    let Some((sign, operator)) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
        return Err(fault(
            offset + at,
            "`!` alone compares nothing".to_owned(),
            Some("!="),
        ));
    };
    let value = &rest[sign.len()..];
    let value_offset = offset + at + sign.len();
    if name.is_empty() || value.is_empty() {
        let problem = format!("`{sign}` needs a word on both sides and no blanks: `vcpu{sign}4`");
        return Err(fault(offset + at, problem, None));
    }
    let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else {
        let hint = nearest(name, FIELDS.iter().map(|(name, _)| *name));
        return Err(fault(
            offset,
            format!("nothing to compare is called `{name}`"),
            hint,
        ));
    };
    match *field {
        Field::Number(field) => match amount(field, value) {
            Some(amount) => Ok(Term::Number(field, *operator, amount)),
            None => Err(fault(
                value_offset,
                not_an_amount(field, value),
                unit_hint(field, value),
            )),
        },
        Field::Choice(field) => {
            let equal = match operator {
                Operator::Equal => true,
                Operator::NotEqual => false,
                _ => {
                    let problem = format!("`{name}` is a word: `=` or `!=`, not `{sign}`");
                    return Err(fault(offset + at, problem, None));
                }
            };
            let values = field.values();
            match values.iter().find(|known| **known == value) {
                Some(value) => Ok(Term::Choice(field, equal, value)),
                None => Err(fault(
                    value_offset,
                    format!("`{name}` is one of {}, not `{value}`", values.join(", ")),
                    nearest(value, values.iter().copied()),
                )),
            }
        }
    }
}

/// The value in units of 10^-9, memory in MiB.
fn amount(field: NumberField, value: &str) -> Option<u128> {
    let (digits, factor) = match field {
        NumberField::Memory | NumberField::Registered => {
            let (digits, unit) = split_unit(value);
            let (_, factor) = MEMORY_UNITS
                .iter()
                .find(|(name, _)| unit.is_empty() || *name == unit)?;
            (digits, *factor)
        }
        _ => (value, 1),
    };
    Some(u128::from(parse_nano(digits)?) * u128::from(factor))
}

fn split_unit(value: &str) -> (&str, &str) {
    let digits = |letter: char| letter.is_ascii_digit() || letter == '.';
    value.split_at(value.find(|letter| !digits(letter)).unwrap_or(value.len()))
}

fn not_an_amount(field: NumberField, value: &str) -> String {
    let wanted = match field {
        NumberField::Memory | NumberField::Registered => "a size such as 8192 or 8GiB",
        NumberField::Price => "a price in USD an hour such as 0.096",
        _ => "a number",
    };
    format!("`{value}` is not {wanted}")
}

fn unit_hint(field: NumberField, value: &str) -> Option<&'static str> {
    let (_, unit) = split_unit(value);
    match field {
        NumberField::Memory | NumberField::Registered => {
            nearest(unit, ["MiB", "GiB", "TiB"]).filter(|known| !known.eq_ignore_ascii_case(unit))
        }
        _ => None,
    }
}

fn fault(offset: usize, problem: String, hint: Option<&str>) -> FilterError {
    FilterError {
        offset,
        problem,
        hint: hint.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::{FilterError, FilterExpression};
    use crate::catalog::Catalog;

    fn names(catalog: &Catalog, text: &str) -> String {
        let filter = FilterExpression::parse(text, catalog).unwrap();
        let found = catalog.filter(&filter, "us-east-1");
        found
            .iter()
            .map(|entry| entry.name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn every_kind_of_term_selects() {
        let catalog = Catalog::builtin();
        let cases = [
            ("m5.*arge vcpu<4", "m5.large"),
            ("m5a", "m5a.large m5a.xlarge m5a.2xlarge m5a.4xlarge"),
            ("t?.micro", "t2.micro t3.micro"),
            ("C5.Large", "c5.large"),
            ("m5, memory<=16GiB", "m5.large m5.xlarge"),
            ("m5 memory<=16384", "m5.large m5.xlarge"),
            ("m5 memory=8gb", "m5.large"),
            ("c4 memory=7.5GiB", "c4.xlarge"),
            ("m4 registered>7984 registered<=7985", "m4.large"),
            ("gpu>=8 vcpu<=96", "p4d.24xlarge"),
            ("m7g  ,  vcpu!=1,vcpu<=4", "m7g.large m7g.xlarge"),
            ("*.medium arch=arm64 price<0.035", "c6g.medium t4g.medium"),
            ("*.nano arch!=arm64", "t2.nano t3.nano t3a.nano"),
            ("*.nano hypervisor=xen", "t2.nano"),
            (
                "burstable=true vcpu>=8 hypervisor=nitro",
                "t3.2xlarge t3a.2xlarge t4g.2xlarge",
            ),
            ("metal=true", ""),
            ("c5 awsvpc=2", "c5.large"),
            ("trunk>=182", "p5.48xlarge"),
            ("m5 price==0.096", "m5.large"),
            ("inf2 gpu>0", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(names(&catalog, text), expected, "{text}");
        }
    }

    #[test]
    fn no_terms_select_everything() {
        let catalog = Catalog::builtin();
        for text in ["", " , ", "*", "vcpu>=1"] {
            let filter = FilterExpression::parse(text, &catalog).unwrap();
            assert_eq!(
                catalog.filter(&filter, "us-east-1").len(),
                catalog.entries().len()
            );
        }
    }

    #[test]
    fn a_type_without_a_price_meets_no_price_term() {
        let catalog = Catalog::builtin();
        for text in ["price<1000000", "price>=0", "price!=5"] {
            let filter = FilterExpression::parse(text, &catalog).unwrap();
            assert!(catalog.filter(&filter, "nowhere-1").is_empty(), "{text}");
        }
    }

    #[test]
    fn an_error_points_at_its_term_and_names_the_nearest_word() {
        let catalog = Catalog::builtin();
        let cases = [
            (
                "m5 vcpus>=4",
                3,
                "nothing to compare is called `vcpus`",
                Some("vcpu"),
            ),
            (
                "m5.lagre",
                0,
                "no instance type `m5.lagre`",
                Some("m5.large"),
            ),
            (
                "*.large,m7-flex",
                8,
                "no family `m7-flex`",
                Some("m7i-flex"),
            ),
            (
                "arch=amr64",
                5,
                "`arch` is one of x86_64, arm64, not `amr64`",
                Some("arm64"),
            ),
            (
                "arch<arm64",
                4,
                "`arch` is a word: `=` or `!=`, not `<`",
                None,
            ),
            (
                "price<cheap",
                6,
                "`cheap` is not a price in USD an hour such as 0.096",
                None,
            ),
            (
                "memory<=16Gi",
                8,
                "`16gi` is not a size such as 8192 or 8GiB",
                Some("GiB"),
            ),
            ("vcpu >= 4", 0, "no family `vcpu`", Some("vcpu")),
            (
                "m5 >=4",
                3,
                "`>=` needs a word on both sides and no blanks: `vcpu>=4`",
                None,
            ),
            (
                "m5 gpu>",
                6,
                "`>` needs a word on both sides and no blanks: `vcpu>4`",
                None,
            ),
            ("gpu!4", 3, "`!` alone compares nothing", Some("!=")),
            ("gpu>-1", 4, "`-1` is not a number", None),
            ("é vcpu>x", 0, "no family `é`", None),
        ];
        for (text, offset, problem, hint) in cases {
            let expected = FilterError {
                offset,
                problem: problem.to_owned(),
                hint: hint.map(str::to_owned),
            };
            assert_eq!(
                FilterExpression::parse(text, &catalog).unwrap_err(),
                expected,
                "{text}"
            );
        }
        let error = FilterExpression::parse("vpcu>1", &catalog).unwrap_err();
        assert_eq!(
            error.to_string(),
            "at offset 0: nothing to compare is called `vpcu`; did you mean `vcpu`?"
        );
    }

    #[test]
    fn hostile_filters_never_panic() {
        let catalog = Catalog::builtin();
        let long = "*?".repeat(100_000);
        for text in [
            long.as_str(),
            "<",
            "=!=",
            "memory<9999999999999TiB",
            "ß=ß",
            "[*",
            "(?*",
        ] {
            if let Ok(filter) = FilterExpression::parse(text, &catalog) {
                catalog.filter(&filter, "us-east-1");
            }
        }
    }
}
