//! The word that somebody probably meant.

/// Longest word that is compared, in characters; longer ones are no slip of the finger.
const LONGEST: usize = 64;

/// The candidate most like `word`, for "did you mean": the fewest letters inserted, dropped,
/// changed or swapped with their neighbour, upper and lower case being one. `None` when even the
/// best needs more than a third of the longer word's letters (one letter is always allowed). The
/// first of equally good candidates wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(word)?;
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let Some(offered) = letters(candidate) else {
            continue;
        };
        let allowed = (wanted.len().max(offered.len()) / 3).max(1);
        let limit = best.map_or(allowed, |(distance, _)| {
            allowed.min(distance.saturating_sub(1))
        });
        if wanted.len().abs_diff(offered.len()) > limit {
            continue;
        }
        let distance = distance(&wanted, &offered);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The lower-case letters of a word; `None` for an empty or an over-long one.
fn letters(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = word
        .chars()
        .take(LONGEST + 1)
        .flat_map(char::to_lowercase)
        .collect();
    (1..=LONGEST).contains(&letters.len()).then_some(letters)
}

/// Edits between two words (optimal string alignment: a letter is swapped at most once).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, &letter) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        for (column, &other) in to.iter().enumerate() {
            let changed = last[column] + usize::from(letter != other);
            let mut edits = changed.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped =
                row > 0 && column > 0 && letter == to[column - 1] && from[row - 1] == other;
            if swapped {
                edits = edits.min(before[column - 1] + 1);
            }
            current.push(edits);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        let words = ["vcpu", "memory", "gpu", "arch", "price"];
        let cases = [
            ("vcpus", Some("vcpu")),
            ("memroy", Some("memory")),
            ("PRICE", Some("price")),
            ("pirce", Some("price")),
            ("gup", Some("gpu")),
            ("elephant", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn the_closest_wins_and_then_the_first() {
        assert_eq!(
            nearest("m5.larg", ["m5a.large", "m5.large"]),
            Some("m5.large")
        );
        assert_eq!(
            nearest("m9.large", ["m4.large", "m5.large"]),
            Some("m4.large")
        );
        assert_eq!(nearest("ab", ["ba", "ab"]), Some("ab"));
    }

    #[test]
    fn an_over_long_word_has_no_neighbour() {
        let long = "x".repeat(1_000_000);
        assert_eq!(nearest(&long, [long.as_str()]), None);
    }
}
