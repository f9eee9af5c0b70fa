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
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

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
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
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
    }
}
