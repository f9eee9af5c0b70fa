//! From text to words, symbols and values. What a character means depends on where it stands (an
//! asterisk belongs to a regular expression, not to a name), so the parser asks for what it
//! expects instead of being handed tokens.

use std::ops::Range;

use super::QueryError;
use super::expression::Literal;

/// Words that join conditions: as a value they need quotes.
const RESERVED: [&str; 3] = ["and", "or", "not"];

/// A place in an expression, and the means to read on from it.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// The byte position, past any blanks.
    pub(super) fn position(&mut self) -> usize {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start().len();
        self.position
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// Whether nothing but blanks is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.position() == self.text.len()
    }

    /// The next character, without taking it.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.position();
        self.rest().chars().next()
    }

    /// Takes a symbol when it stands next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        self.position();
        let stands = self.rest().starts_with(symbol);
        if stands {
            self.position += symbol.len();
        }
        stands
    }

    /// The next word, without taking it; empty when no word stands next.
    pub(super) fn peek_word(&mut self) -> &'a str {
        self.position();
        let rest = self.rest();
        &rest[..rest
            .find(|character| !is_word_character(character))
            .unwrap_or(rest.len())]
    }

    /// What stands where an operator should, without taking it, and how many bytes it has: signs,
    /// a word, or `not` or `!` or `is` with the word behind it where both together mean something.
    pub(super) fn peek_operator(&mut self) -> (String, usize) {
        self.position();
        let rest = self.rest();
        let word = self.peek_word();
        let is_sign = |character: char| "=!<>~".contains(character);
        let first = if word.is_empty() {
            &rest[..rest.find(|c| !is_sign(c)).unwrap_or(rest.len())]
        } else {
            word
        };
        let behind = rest[first.len()..].trim_start();
        let blanks = rest.len() - first.len() - behind.len();
        let end = behind.find(|c| !is_word_character(c));
        let second = &behind[..end.unwrap_or(behind.len())];
        let joins = match first {
            "not" | "!" => ["in", "exists", "matches", "equals", "like"].contains(&second),
            "is" => second == "not",
            _ => false,
        };
        if joins && blanks > 0 {
            let length = first.len() + blanks + second.len();
            (format!("{first} {second}"), length)
        } else {
            (first.to_owned(), first.len())
        }
    }

    /// Takes the next word when it is this one.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let stands = self.peek_word() == word;
        if stands {
            self.position += word.len();
        }
        stands
    }

    /// Takes `!` with this word right behind it.
    pub(super) fn take_negated(&mut self, word: &str) -> bool {
        let start = self.position();
        if self.take("!") && self.position() == start + 1 && self.take_word(word) {
            return true;
        }
        self.position = start;
        false
    }

    /// The byte position right behind what was taken last.
    pub(super) const fn taken_to(&self) -> usize {
        self.position
    }

    /// Moves on by so many bytes, which have been looked at before.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// The place of what stands next: the word, the character, or the end.
    pub(super) fn span_of_next(&mut self) -> Range<usize> {
        let start = self.position();
        let word = self.peek_word().len();
        let character = self.rest().chars().next().map_or(0, char::len_utf8);
        start..start + word.max(character)
    }

    /// What stands next, for a message.
    pub(super) fn describe_next(&mut self) -> String {
        let span = self.span_of_next();
        if span.is_empty() {
            "the expression ends".to_owned()
        } else {
            format!("found `{}`", &self.text[span])
        }
    }

    /// Takes a value: quoted, or a bare word.
    pub(super) fn value(&mut self, what: &str) -> Result<Literal, QueryError> {
        if let Some(quoted) = self.quoted()? {
            return Ok(quoted);
        }
        let word = self.peek_word();
        self.bare(word, what)
    }

    /// Takes a regular expression: quoted, or bare.
    pub(super) fn pattern(&mut self) -> Result<Literal, QueryError> {
        if let Some(quoted) = self.quoted()? {
            return Ok(quoted);
        }
        self.position();
        let pattern = &self.rest()[..bare_pattern_length(self.rest())];
        self.bare(pattern, "a regular expression")
    }

    fn bare(&mut self, word: &str, what: &str) -> Result<Literal, QueryError> {
        let start = self.position();
        if word.is_empty() || RESERVED.contains(&word) {
            let message = format!("expected {what}, but {}", self.describe_next());
            let error = QueryError::new(self.span_of_next(), message);
            return Err(if word.is_empty() {
                error
            } else {
                error.with_hint(format!("if `{word}` is the value, write '{word}'"))
            });
        }
        self.position += word.len();
        Ok(Literal {
            value: word.to_owned(),
            span: start..self.position,
        })
    }

    /// Takes text in quotes when a quote stands next.
    fn quoted(&mut self) -> Result<Option<Literal>, QueryError> {
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return Ok(None);
        };
        let start = self.position;
        let inside = &self.rest()[quote.len_utf8()..];
        let Some(length) = inside.find(quote) else {
            let message = format!("the quote {quote} is never closed");
            return Err(QueryError::new(start..start + 1, message));
        };
        self.position += length + 2 * quote.len_utf8();
        let value = inside[..length].to_owned();
        Ok(Some(Literal {
            value,
            span: start..self.position,
        }))
    }
}

/// Letters of names and bare values: everything but blanks and the language's own signs.
fn is_word_character(character: char) -> bool {
    !character.is_whitespace() && !"()[],'\"=!<>~&|".contains(character)
}

/// Whether a value can stand without quotes.
pub(super) fn is_bare_value(value: &str) -> bool {
    !value.is_empty() && value.chars().all(is_word_character) && !RESERVED.contains(&value)
}

/// Whether a regular expression can stand without quotes.
pub(super) fn is_bare_pattern(pattern: &str) -> bool {
    !pattern.is_empty()
        && bare_pattern_length(pattern) == pattern.len()
        && !RESERVED.contains(&pattern)
}

/// How many bytes a bare regular expression takes: up to a blank, a quote, `&&`, `||`, or a
/// parenthesis that it has not opened itself.
fn bare_pattern_length(text: &str) -> usize {
    let mut open = 0_u32;
    let mut in_class = false;
    let mut escaped = false;
    for (offset, character) in text.char_indices() {
        let joint = text[offset..].starts_with("&&") || text[offset..].starts_with("||");
        if character.is_whitespace() || matches!(character, '\'' | '"') || joint {
            return offset;
        }
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => open += 1,
            ')' if !in_class => {
                if open == 0 {
                    return offset;
                }
                open -= 1;
            }
            _ => {}
        }
    }
    text.len()
}
