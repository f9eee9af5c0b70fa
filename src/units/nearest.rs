<<<<<<< HEAD
<<<<<<< HEAD
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
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
<<<<<<< HEAD
=======
//! "Did you mean ...?": the known word that is nearest to an unknown one.

/// The candidate nearest to `word`, if one is near enough to be what was meant: at most a third of
/// its letters (and at least one) inserted, left out, replaced or exchanged with the next. Case
/// does not count. Of equally near candidates the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = letters(word);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = letters(candidate);
        let allowed = (word.len().max(other.len()) / 3).max(1);
        if word.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = distance(&word, &other);
        // A word all of whose letters differ is no misspelling, however short it is.
        if distance <= allowed
            && distance < word.len().max(other.len())
            && best.is_none_or(|(least, _)| distance < least)
        {
>>>>>>> 2fcea381373a51ac0e96f7c3204ebd6914a84ae7
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

<<<<<<< HEAD
<<<<<<< HEAD
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
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
<<<<<<< HEAD
=======
/// Words are cut here: nobody's key is longer, and the distance takes quadratic time.
const LONGEST: usize = 128;

fn letters(word: &str) -> Vec<char> {
    word.chars()
        .take(LONGEST)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// The Damerau-Levenshtein distance, in its form that edits no letter twice.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
>>>>>>> 2fcea381373a51ac0e96f7c3204ebd6914a84ae7
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
<<<<<<< HEAD
<<<<<<< HEAD
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
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
<<<<<<< HEAD
=======
    fn the_nearest_word_within_a_third_is_meant() {
        let known = [
            "submit_s",
            "duration_s",
            "cpu",
            "memory",
            "gpu",
            "name",
            "task_definition",
        ];
        let meant = |word| nearest(word, known);
        assert_eq!(meant("submits"), Some("submit_s"));
        assert_eq!(meant("duration"), Some("duration_s"));
        assert_eq!(meant("CPU"), Some("cpu"));
        assert_eq!(meant("cpus"), Some("cpu"));
        assert_eq!(meant("gpus"), Some("gpu"));
        assert_eq!(meant("mmeory"), Some("memory"));
        assert_eq!(meant("taskDefinition"), Some("task_definition"));
        assert_eq!(meant("colour"), None);
        assert_eq!(meant(""), None);
    }

    #[test]
    fn of_equally_near_words_the_first_is_meant() {
        assert_eq!(nearest("xpu", ["gpu", "cpu"]), Some("gpu"));
        assert_eq!(nearest("xpu", ["cpu", "gpu"]), Some("cpu"));
        assert_eq!(nearest("cpu", ["gpu", "cpu"]), Some("cpu"));
    }

    #[test]
    fn a_single_letter_is_not_taken_for_another() {
        assert_eq!(nearest("a", ["b", "c"]), None);
        assert_eq!(nearest("B", ["a", "b"]), Some("b"));
>>>>>>> 2fcea381373a51ac0e96f7c3204ebd6914a84ae7
=======
>>>>>>> ca83fab38724b45487bae4dda473e00e948449ad
    }
}
