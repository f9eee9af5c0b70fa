//! The checks of a run as JUnit's XML, which continuous integration reads.

use std::fmt::Write as _;

use crate::cost::Summary;

use super::text::checks::outcome;

/// One test suite by the name of the scenario, one test case a check. It has no times, so that the
/// same run gives the same bytes.
pub fn checks(summary: &Summary) -> String {
    let (tests, suite) = (summary.checks.len(), escaped(&summary.scenario));
    let failures = summary.checks.iter().filter(|check| !check.passed).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"ecs-sim\" tests=\"{tests}\" failures=\"{failures}\">\n  \
         <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
         skipped=\"0\">\n    \
         <properties>\n      \
         <property name=\"seed\" value=\"{}\"/>\n      \
         <property name=\"digest\" value=\"{}\"/>\n      \
         <property name=\"version\" value=\"{}\"/>\n    \
         </properties>\n",
        summary.seed,
        escaped(&summary.digest),
        escaped(&summary.version)
    );
    for check in &summary.checks {
        let (name, end) = (
            escaped(check.title()),
            if check.passed { "/>" } else { ">" },
        );
        let case = format!("    <testcase classname=\"{suite}\" name=\"{name}\"{end}\n");
        text.push_str(&case);
        if !check.passed {
            let (check, found) = (escaped(&check.check), escaped(&outcome(check)));
            let written = writeln!(
                text,
                "      <failure type=\"check\" message=\"{check}: {found}\"/>\n    </testcase>"
            );
            written.expect("a text takes any text");
        }
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text for an attribute; what XML cannot hold becomes a blank.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_would_misread_is_escaped() {
        assert_eq!(
            escaped("a < \"b\" & c > d\n\u{1}é"),
            "a &lt; &quot;b&quot; &amp; c &gt; d  é"
        );
    }
}
