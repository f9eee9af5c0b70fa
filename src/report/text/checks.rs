//! The checks, one by one.

use crate::cost::CheckSummary;
use crate::experiment::figures::unit_of;
use crate::units::Fixed;

use crate::report::values::{exact, rounded};
use crate::report::words::{plain, unbound};

/// A line that tells how many hold, then a line a check, with whether it holds. Empty without
/// checks.
pub(super) fn section(checks: &[CheckSummary]) -> Vec<(bool, String)> {
    if checks.is_empty() {
        return Vec::new();
    }
    let held = checks.iter().filter(|check| check.passed).count();
    let mut lines = vec![(
        true,
        match (held, checks.len()) {
            (1, 1) => "The check holds.".to_owned(),
            (_, 1) => "The check fails.".to_owned(),
            (held, all) if held == all => format!("All {all} checks hold."),
            (held, all) => format!("{held} of {all} checks hold."),
        },
    )];
    lines.extend(checks.iter().map(|check| {
        let verdict = if check.passed {
            "✓ holds"
        } else {
            "✗ FAILS"
        };
        let name = check.name.as_deref();
        let name = name.map_or_else(String::new, |name| format!("{}: ", plain(name)));
        let (check_text, found) = (plain(&check.check), outcome(check));
        (
            check.passed,
            // Two blanks stay two where one cannot be broken.
            format!("{verdict}\u{a0} {name}{check_text}: {found}"),
        )
    }));
    lines
}

/// What was measured, and how far that is from the threshold: `42 s, 18 s to spare`.
pub(in crate::report) fn outcome(check: &CheckSummary) -> String {
    let (Some(measured), Some(margin)) = (check.measured, check.margin) else {
        let reason = check.reason.as_deref().unwrap_or("nothing was measured");
        return plain(reason);
    };
    let unit = unit_of(&check.figure);
    // All digits where the figure would else look like the threshold.
    let looks_like_it = rounded(unit, measured) == rounded(unit, check.threshold);
    let say = if looks_like_it { exact } else { rounded };
    let far = say(unit, margin.abs());
    let compared = match (check.comparison.as_str(), check.passed) {
        ("==" | "!=", true) => String::new(),
        ("==", false) => format!(", off by {far}"),
        ("!=", false) => ", which it must not be".to_owned(),
        (_, true) if margin == Fixed::ZERO => ", nothing to spare".to_owned(),
        (_, true) => format!(", {far} to spare"),
        (_, false) if margin == Fixed::ZERO => ", just the threshold".to_owned(),
        ("<" | "<=", false) => format!(", {far} too much"),
        (_, false) => format!(", {far} too little"),
    };
    unbound(&[&say(unit, measured), &*compared].concat())
}

#[cfg(test)]
mod tests {
    use super::section;
    use crate::cost::CheckSummary;
    use crate::report::words::unbound;
    use crate::units::Fixed;

    fn check(text: &str, measured: &str, margin: &str, passed: bool) -> CheckSummary {
        let (figure, rest) = text.split_once(' ').unwrap();
        CheckSummary {
            check: text.to_owned(),
            figure: figure.to_owned(),
            comparison: rest.split(' ').next().unwrap().to_owned(),
            threshold: Fixed::parse(measured).unwrap_or_default()
                + Fixed::parse(margin).unwrap_or_default(),
            measured: Fixed::parse(measured).ok(),
            margin: Fixed::parse(margin).ok(),
            passed,
            ..CheckSummary::default()
        }
    }

    #[test]
    fn each_check_tells_what_was_measured_and_how_far_that_is() {
        let named = CheckSummary {
            name: Some("budget".to_owned()),
            ..check("cost.totalUsd < 120", "131.2", "-11.2", false)
        };
        let unmeasured = CheckSummary {
            reason: Some("there was nothing to measure".to_owned()),
            ..check("utilization.cpu.usedMean > 0", "-", "-", false)
        };
        let checks = [
            check("placement.waitMs.p99 <= 60000", "42000", "18000", true),
            named,
            check(
                "services.web.availability >= 99.9%",
                "0.9985",
                "-0.0005",
                false,
            ),
            check(
                "services.web.availability >= 99.9%",
                "0.9989999",
                "-0.0000001",
                false,
            ),
            check("tasks.failed == 0", "0", "0", true),
            check("tasks.failed == 0", "2", "2", false),
            check("tasks.failed != 2", "2", "0", false),
            check("cost.totalUsd < 120", "120", "0", false),
            check("cost.totalUsd <= 120", "120", "0", true),
            unmeasured,
        ];
        let lines: Vec<String> = section(&checks)
            .into_iter()
            .map(|(_, line)| unbound(&line))
            .collect();
        let expected = [
            "3 of 10 checks hold.",
            "✓ holds  placement.waitMs.p99 <= 60000: 42 s, 18 s to spare",
            "✗ FAILS  budget: cost.totalUsd < 120: $131.20, $11.20 too much",
            "✗ FAILS  services.web.availability >= 99.9%: 99.85 %, 0.05 % too little",
            "✗ FAILS  services.web.availability >= 99.9%: 99.89999 %, 0.00001 % too little",
            "✓ holds  tasks.failed == 0: 0",
            "✗ FAILS  tasks.failed == 0: 2, off by 2",
            "✗ FAILS  tasks.failed != 2: 2, which it must not be",
            "✗ FAILS  cost.totalUsd < 120: $120.00, just the threshold",
            "✓ holds  cost.totalUsd <= 120: $120.00, nothing to spare",
            "✗ FAILS  utilization.cpu.usedMean > 0: there was nothing to measure",
        ];
        assert_eq!(lines, expected);
        assert_eq!(section(&checks[..1])[0].1, "The check holds.");
        assert_eq!(section(&checks[1..2])[0].1, "The check fails.");
        assert!(section(&[]).is_empty());
    }
}
