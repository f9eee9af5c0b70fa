//! Regular expressions: Java's, as far as the crate `regex` goes.

use regex::{Regex, RegexBuilder};

/// A regular expression that must match a whole value. Equal when written alike.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

/// What is wrong with a pattern.
#[derive(Debug)]
pub(super) struct PatternError {
    pub(super) message: String,
    /// Where in the pattern, in bytes, when the fault has one place.
    pub(super) offset: Option<usize>,
}

/// A compiled pattern may take this much memory.
const SIZE_LIMIT: usize = 1 << 20;

impl Pattern {
    /// Compiles a pattern, or says which construct stands in the way.
    pub(super) fn new(source: &str) -> Result<Self, PatternError> {
        refuse_what_java_reads_otherwise(source)?;
        // Alone first: a stray `)` must not pair with the group that is put around it.
        compile(source)?;
        let regex = compile(&format!(r"\A(?:{source})\z"))?;
        Ok(Self {
            source: source.to_owned(),
            regex,
        })
    }

    /// Whether the whole value matches.
    pub(super) fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

fn compile(source: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(source)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            // The crate's report ends with the reason; what stands before it draws the pattern.
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            let message = format!("not a regular expression that can be used here: {reason}");
            PatternError {
                message,
                offset: None,
            }
        })
}

/// Where a quantifier may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// After something that can be repeated, or at a place that the compiler judges.
    Open,
    /// After a quantifier: only `?` (lazy) may follow.
    Taken,
    /// After a lazy quantifier: nothing may follow.
    Lazy,
}

/// Refuses what Java has and the crate lacks, and what the two read differently.
fn refuse_what_java_reads_otherwise(source: &str) -> Result<(), PatternError> {
    let mut class_depth = 0_u32;
    let mut state = Quantifier::Open;
    let mut escaped = false;
    for (offset, character) in source.char_indices() {
        let rest = &source[offset..];
        let refuse = |what: &str| {
            let message = format!("regular expressions here have no {what}");
            Err(PatternError {
                message,
                offset: Some(offset),
            })
        };
        if escaped {
            escaped = false;
            if let Some(what) = unknown_escape(character) {
                return refuse(what);
            }
            state = Quantifier::Open;
            continue;
        }
        match character {
            '\\' => escaped = true,
            '[' => class_depth += 1,
            ']' => class_depth = class_depth.saturating_sub(1),
            _ if class_depth > 0 => {}
            '(' => {
                if let Some(what) = unknown_group(rest) {
                    return refuse(what);
                }
            }
            '+' if state == Quantifier::Taken => return refuse("possessive quantifiers"),
            '*' | '+' | '?' | '{' => {
                state = match (state, character) {
                    (Quantifier::Open, '{') => Quantifier::Open,
                    // `(?` opens a group: its `?` repeats nothing.
                    (Quantifier::Open, '?') if source[..offset].ends_with('(') => Quantifier::Open,
                    (Quantifier::Open, _) => Quantifier::Taken,
                    (Quantifier::Taken, '?') => Quantifier::Lazy,
                    _ => return refuse("quantifier upon a quantifier"),
                };
                continue;
            }
            '}' => {
                state = Quantifier::Taken;
                continue;
            }
            _ => {}
        }
        state = Quantifier::Open;
    }
    Ok(())
}

/// Java's groups that the crate lacks.
fn unknown_group(rest: &str) -> Option<&'static str> {
    [
        ("(?=", "look-ahead"),
        ("(?!", "look-ahead"),
        ("(?<=", "look-behind"),
        ("(?<!", "look-behind"),
        ("(?>", "atomic groups"),
    ]
    .into_iter()
    .find_map(|(opening, what)| rest.starts_with(opening).then_some(what))
}

/// Java's escapes that the crate lacks, and one that it reads as something else.
const fn unknown_escape(character: char) -> Option<&'static str> {
    match character {
        '1'..='9' | 'k' => Some("back references"),
        '0' => Some(r"octal escapes (`\0`)"),
        'Q' | 'E' => Some(r"quoting by `\Q` and `\E`"),
        'G' => Some(r"`\G`"),
        'Z' => Some(r"`\Z`"),
        'h' | 'H' | 'R' | 'X' => Some(r"`\h`, `\H`, `\R` and `\X`"),
        'c' | 'e' => Some(r"control escapes (`\c`, `\e`)"),
        '<' | '>' => Some(r"`\<` and `\>`"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_matches_whole_values() {
        for (source, value, expected) in [
            ("t2.*", "t2.small", true),
            ("t2.*", "at2.small", false),
            ("t2", "t2.small", false),
            ("a|b", "a", true),
            ("a|b", "ab", false),
            ("(?i)T2.+?", "t2.small", true),
            (r"m5\.(large|xlarge)", "m5.xlarge", true),
            ("us-[a-z]{2,4}-[12]?", "us-east-1", true),
            ("[)(?=+]*", "((+", true),
            (r"\(\)", "()", true),
            ("(?:a+)?", "", true),
        ] {
            let pattern = Pattern::new(source).unwrap_or_else(|error| panic!("{error:?}"));
            assert_eq!(pattern.matches(value), expected, "{source} {value}");
        }
    }

    #[test]
    fn constructs_that_are_missing_here_are_named() {
        for (source, offset, expected) in [
            ("a(?=b)", Some(1), "no look-ahead"),
            ("a(?!b)", Some(1), "no look-ahead"),
            ("(?<=a)b", Some(0), "no look-behind"),
            ("(?<!a)b", Some(0), "no look-behind"),
            ("(?>a)b", Some(0), "no atomic groups"),
            (r"(a)\1", Some(4), "no back references"),
            (r"(?<n>a)\k<n>", Some(8), "no back references"),
            ("a*+", Some(2), "no possessive quantifiers"),
            ("a++", Some(2), "no possessive quantifiers"),
            ("a?+", Some(2), "no possessive quantifiers"),
            ("a{2}+", Some(4), "no possessive quantifiers"),
            ("a**", Some(2), "no quantifier upon a quantifier"),
            ("a+?+", Some(3), "no quantifier upon a quantifier"),
            (r"\Qa.b\E", Some(1), r"no quoting by `\Q` and `\E`"),
            ("a)(b", None, "unopened group"),
            ("(a", None, "unclosed group"),
            ("[a", None, "unclosed character class"),
            ("(?x)a#b", None, "unclosed group"),
            ("a{1000}{1000}", Some(7), "no quantifier upon a quantifier"),
            ("((a{1000}){1000}){1000}", None, "exceeds size limit"),
        ] {
            let error = Pattern::new(source).expect_err(source);
            assert!(
                error.message.contains(expected),
                "{source}: {}",
                error.message
            );
            assert_eq!(error.offset, offset, "{source}");
        }
    }
}
