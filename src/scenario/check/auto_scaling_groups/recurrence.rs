//! `recurrence` of a scheduled action: cron as Unix has it, five fields, days of the week from 0.

/// The same schedule as EventBridge writes it: `cron(0 9 ? * 2,3,4,5,6 *)`.
///
/// # Errors
/// What is wrong with the text, as a clause that follows the text itself.
pub(super) fn as_schedule(recurrence: &str) -> Result<String, String> {
    let fields: Vec<&str> = recurrence.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("has {} fields, not 5", fields.len()));
    };
    let (day, weekday) = match (*day, *weekday) {
        (day, "*") => (day, "?".to_owned()),
        ("*", weekday) => ("?", days_of_week(weekday)?),
        _ => return Err("names days of the month and days of the week: give one".to_owned()),
    };
    Ok(format!("cron({minute} {hour} {day} {month} {weekday} *)"))
}

/// Days from 0, Sunday, to 7, Sunday again, as numbers from 1, Sunday.
fn days_of_week(field: &str) -> Result<String, String> {
    let mut on = [false; 7];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)),
            None => (part, Some(1)),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (Some(0), Some(6)),
            Some((first, last)) => (day_of_week(first), day_of_week(last)),
            None => (day_of_week(range), day_of_week(range)),
        };
        let (Some(first), Some(last), Some(step)) = (first, last, step) else {
            return Err(format!("has `{part}` for days of the week"));
        };
        for day in (first..=last).step_by(step) {
            on[day % 7] = true;
        }
    }
    let days = (1..=7).filter(|day| on[day - 1]);
    let days: Vec<String> = days.map(|day| day.to_string()).collect();
    if days.is_empty() {
        return Err(format!("has `{field}` for days of the week"));
    }
    Ok(days.join(","))
}

fn day_of_week(text: &str) -> Option<usize> {
    const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let named = NAMES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    named.or_else(|| text.parse().ok().filter(|day| *day <= 7))
}

#[cfg(test)]
mod tests {
    use super::as_schedule;

    #[test]
    fn days_of_the_week_are_numbered_from_one() {
        for (recurrence, schedule) in [
            ("0 9 * * 1-5", "cron(0 9 ? * 2,3,4,5,6 *)"),
            ("0 9 * * MON-fri", "cron(0 9 ? * 2,3,4,5,6 *)"),
            ("30 6 * * 0", "cron(30 6 ? * 1 *)"),
            ("30 6 * * 6-7", "cron(30 6 ? * 1,7 *)"),
            ("30 6 * * */2", "cron(30 6 ? * 1,3,5,7 *)"),
            ("*/15 8 1 * *", "cron(*/15 8 1 * ? *)"),
            ("0 0 * 1,6 *", "cron(0 0 * 1,6 ? *)"),
        ] {
            assert_eq!(as_schedule(recurrence), Ok(schedule.to_owned()));
        }
    }

    #[test]
    fn what_is_no_recurrence_has_its_reason() {
        for (recurrence, reason) in [
            ("0 9 * *", "has 4 fields, not 5"),
            ("0 9 1 * 1", "names days of the month and days of the week"),
            ("0 9 * * 8", "has `8` for days of the week"),
            ("0 9 * * 1/0", "has `1/0` for days of the week"),
            ("0 9 * * 5-1", "has `5-1` for days of the week"),
        ] {
            let error = as_schedule(recurrence).unwrap_err();
            assert!(error.starts_with(reason), "{error}");
        }
    }
}
