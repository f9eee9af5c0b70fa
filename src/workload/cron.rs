//! The six fields of `cron(...)`, and the calendar that they mean.

use jiff::civil::{Date, DateTime, Weekday};

use super::schedule::{ScheduleError, words};

/// A checked cron expression. Each field is a set of bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: Days,
    months: u64,
    /// Bit n is the year [`FIRST_YEAR`] + n.
    years: [u64; 4],
}

/// On which days of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth {
        days: u64,
        /// `L`: the last day.
        last: bool,
        /// `LW`: the last day from Monday to Friday.
        last_weekday: bool,
        /// `15W`: the day from Monday to Friday nearest to the 15th, in the same month.
        nearest_weekday: u64,
    },
    OfWeek {
        /// Bits 1 (Sunday) to 7 (Saturday).
        weekdays: u64,
        /// `6L`: the last Friday of the month.
        last: u64,
        /// `3#2`: the second Tuesday of the month.
        nth: Option<(u8, u8)>,
    },
}

const FIRST_YEAR: i16 = 1970;

/// What a field may hold.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// Names of the values from `least` on.
    names: &'static [&'static str],
    steps: bool,
    /// What values are written from: they are stored less this.
    base: u16,
}

const MINUTE: Field = Field {
    name: "minute",
    least: 0,
    most: 59,
    names: &[],
    steps: true,
    base: 0,
};
const HOUR: Field = Field {
    name: "hour",
    least: 0,
    most: 23,
    names: &[],
    steps: true,
    base: 0,
};
const DAY_OF_MONTH: Field = Field {
    name: "day of the month",
    least: 1,
    most: 31,
    names: &[],
    steps: true,
    base: 0,
};
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    steps: true,
    base: 0,
};
/// AWS lists `/` for every field but this one.
const DAY_OF_WEEK: Field = Field {
    name: "day of the week",
    least: 1,
    most: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    steps: false,
    base: 0,
};
/// 1970 to 2199.
const YEAR: Field = Field {
    name: "year",
    least: 0,
    most: 229,
    names: &[],
    steps: true,
    base: 1_970,
};

impl Cron {
    /// Reads what stands between the brackets; `start` is its offset in the whole text.
    pub(super) fn parse(inner: &str, start: usize) -> Result<Self, ScheduleError> {
        let fields = words(inner, start);
        let &[minute, hour, day_of_month, month, day_of_week, year] = fields.as_slice() else {
            let count = fields.len();
            return Err(ScheduleError::new(
                start,
                format!(
                    "a cron schedule has 6 fields, here are {count}: minute, hour, day of the \
                     month, month, day of the week, year"
                ),
            ));
        };
        let [minutes, ..] = MINUTE.parse(minute)?;
        let [hours, ..] = HOUR.parse(hour)?;
        let [months, ..] = MONTH.parse(month)?;
        let days = match (day_of_month.1, day_of_week.1) {
            ("?", "?") => {
                return Err(ScheduleError::new(
                    day_of_month.0,
                    "only one of day of the month and day of the week can be `?`",
                ));
            }
            (_, "?") => parse_days_of_month(day_of_month)?,
            ("?", _) => parse_days_of_week(day_of_week)?,
            _ => {
                return Err(ScheduleError::new(
                    day_of_week.0,
                    "either day of the month or day of the week must be `?`",
                ));
            }
        };
        Ok(Self {
            minutes,
            hours,
            days,
            months,
            years: YEAR.parse(year)?,
        })
    }

    /// The first occurrence at or after a time; `None` when there is none up to the year 2199.
    pub(super) fn next_from(&self, from: DateTime) -> Option<DateTime> {
        let mut from = from;
        if from.second() > 0 || from.subsec_nanosecond() > 0 {
            let minute = from.with().second(0).subsec_nanosecond(0).build().ok()?;
            from = minute.checked_add(jiff::Span::new().minutes(1)).ok()?;
        }
        // The day that `from` falls on, from its time on; then later days from midnight on.
        if self.is_day(from.date())
            && let Some((hour, minute)) = self.time_from(from.hour(), from.minute())
        {
            return Some(from.date().at(hour, minute, 0, 0));
        }
        let (hour, minute) = self.time_from(0, 0)?;
        let date = self.day_from(from.date().tomorrow().ok()?)?;
        Some(date.at(hour, minute, 0, 0))
    }

    /// The first time of day at or after this one.
    fn time_from(&self, hour: i8, minute: i8) -> Option<(i8, i8)> {
        if has(self.hours, hour)
            && let Some(minute) = first_from(self.minutes, minute)
        {
            return Some((hour, minute));
        }
        Some((
            first_from(self.hours, hour + 1)?,
            first_from(self.minutes, 0)?,
        ))
    }

    fn has_year(&self, year: i16) -> bool {
        let Ok(offset) = u8::try_from(year - FIRST_YEAR) else {
            return false;
        };
        offset <= YEAR.most && (self.years[usize::from(offset / 64)] >> (offset % 64)) & 1 == 1
    }

    fn is_day(&self, date: Date) -> bool {
        self.has_year(date.year())
            && has(self.months, date.month())
            && has(self.days.in_month(date), date.day())
    }

    /// The first day at or after this one. Looks at 2,760 months at most.
    fn day_from(&self, date: Date) -> Option<Date> {
        let mut month = date.first_of_month();
        let mut earliest = date.day();
        if month.year() < FIRST_YEAR {
            month = Date::new(FIRST_YEAR, 1, 1).ok()?;
            earliest = 1;
        }
        while month.year() <= FIRST_YEAR + i16::from(YEAR.most) {
            if self.has_year(month.year())
                && has(self.months, month.month())
                && let Some(day) = first_from(self.days.in_month(month), earliest)
            {
                return Date::new(month.year(), month.month(), day).ok();
            }
            month = month.last_of_month().tomorrow().ok()?;
            earliest = 1;
        }
        None
    }
}

impl Days {
    /// The days of the month that a date lies in, as bits 1 to 31.
    fn in_month(&self, date: Date) -> u64 {
        let first = number_of(date.first_of_month().weekday());
        let length = u8::try_from(date.days_in_month()).expect("a month has 28 to 31 days");
        // Sunday is 1.
        let weekday_of = |day: u8| (first + day - 2) % 7 + 1;
        match *self {
            Self::OfMonth {
                days,
                last,
                last_weekday,
                nearest_weekday,
            } => {
                let mut set = days & ((1 << (length + 1)) - 1);
                if last {
                    set |= 1 << length;
                }
                if last_weekday {
                    set |= 1 << nearest_workday(length, length, weekday_of);
                }
                for day in (1..=length).filter(|day| (nearest_weekday >> day) & 1 == 1) {
                    set |= 1 << nearest_workday(day, length, weekday_of);
                }
                set
            }
            Self::OfWeek {
                weekdays,
                last,
                nth,
            } => (1..=length)
                .filter(|&day| {
                    let weekday = weekday_of(day);
                    (weekdays >> weekday) & 1 == 1
                        || (day + 7 > length && (last >> weekday) & 1 == 1)
                        || nth == Some((weekday, day.div_ceil(7)))
                })
                .fold(0, |set, day| set | (1 << day)),
        }
    }
}

/// The day from Monday to Friday nearest to `day`, in the same month: Saturday's is the day before,
/// Sunday's the day after, unless that lies in another month.
fn nearest_workday(day: u8, length: u8, weekday_of: impl Fn(u8) -> u8) -> u8 {
    match weekday_of(day) {
        7 if day == 1 => 3,
        7 => day - 1,
        1 if day == length => day - 2,
        1 => day + 1,
        _ => day,
    }
}

/// 1 is Sunday, as AWS counts.
fn number_of(weekday: Weekday) -> u8 {
    u8::try_from(weekday.to_sunday_one_offset()).expect("1 to 7")
}

fn has(set: u64, value: i8) -> bool {
    u8::try_from(value).is_ok_and(|value| value < 64 && (set >> value) & 1 == 1)
}

/// The least value of the set that is not below `least`.
fn first_from(set: u64, least: i8) -> Option<i8> {
    let least = u32::try_from(least).ok()?;
    let rest = set & u64::MAX.checked_shl(least)?;
    (rest != 0).then(|| i8::try_from(rest.trailing_zeros()).expect("below 64"))
}

fn parse_days_of_month(word: (usize, &str)) -> Result<Days, ScheduleError> {
    let (mut days, mut nearest_weekday, mut last, mut last_weekday) = (0, 0, false, false);
    for item in items(word) {
        if item.1 == "L" {
            last = true;
        } else if item.1 == "LW" {
            last_weekday = true;
        } else if let Some(day) = item.1.strip_suffix('W') {
            nearest_weekday |= 1_u64 << DAY_OF_MONTH.value((item.0, day))?;
        } else {
            let [set, ..] = DAY_OF_MONTH.item(item)?;
            days |= set;
        }
    }
    Ok(Days::OfMonth {
        days,
        last,
        last_weekday,
        nearest_weekday,
    })
}

fn parse_days_of_week(word: (usize, &str)) -> Result<Days, ScheduleError> {
    let (mut weekdays, mut last, mut nth) = (0, 0, None);
    for item in items(word) {
        if item.1 == "L" {
            // Of the week, the last day is Saturday.
            weekdays |= 1 << 7;
        } else if let Some((day, place)) = item.1.split_once('#') {
            if item.1.len() < word.1.len() {
                return Err(ScheduleError::new(
                    item.0,
                    format!(
                        "`{}`: with `#` it must be the field's only expression",
                        item.1
                    ),
                ));
            }
            let weekday = DAY_OF_WEEK.value((item.0, day))?;
            let Ok(place @ 1..=5) = place.parse::<u8>() else {
                return Err(ScheduleError::new(
                    item.0 + day.len() + 1,
                    format!("`{place}` after `#`: expected which of the month's, 1 to 5"),
                ));
            };
            nth = Some((weekday, place));
        } else if let Some(day) = item.1.strip_suffix('L') {
            last |= 1_u64 << DAY_OF_WEEK.value((item.0, day))?;
        } else {
            let [set, ..] = DAY_OF_WEEK.item(item)?;
            weekdays |= set;
        }
    }
    Ok(Days::OfWeek {
        weekdays,
        last,
        nth,
    })
}

/// The parts of a field between commas, each with its offset.
fn items((start, word): (usize, &str)) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = start;
    word.split(',').map(move |item| {
        let here = offset;
        offset += item.len() + 1;
        (here, item)
    })
}

impl Field {
    /// A whole field as a set of bits, 256 of them because of years.
    fn parse(&self, word: (usize, &str)) -> Result<[u64; 4], ScheduleError> {
        let mut set = [0; 4];
        for item in items(word) {
            for (all, more) in set.iter_mut().zip(self.item(item)?) {
                *all |= more;
            }
        }
        Ok(set)
    }

    /// `*`, `5`, `1-5`, and each with a step: `*/5`, `1/10`, `0-30/10`.
    fn item(&self, (start, item): (usize, &str)) -> Result<[u64; 4], ScheduleError> {
        let (range, step) = match item.split_once('/') {
            None => (item, None),
            Some((range, step)) if self.steps => {
                (range, Some(self.step((start + range.len() + 1, step))?))
            }
            Some((range, _)) => {
                return Err(ScheduleError::new(
                    start + range.len(),
                    format!("`{item}`: the {} takes no `/`", self.name),
                ));
            }
        };
        let (first, last) = if range == "*" {
            (self.least, self.most)
        } else if let Some((first, last)) = range.split_once('-') {
            let last_at = start + first.len() + 1;
            let (first, last) = (self.value((start, first))?, self.value((last_at, last))?);
            if first > last {
                return Err(ScheduleError::new(
                    start,
                    format!(
                        "`{range}`: a range of the {} runs from low to high",
                        self.name
                    ),
                ));
            }
            (first, last)
        } else {
            let first = self.value((start, range))?;
            (first, if step.is_some() { self.most } else { first })
        };
        let mut set = [0_u64; 4];
        for value in (first..=last).step_by(step.unwrap_or(1)) {
            set[usize::from(value / 64)] |= 1 << (value % 64);
        }
        Ok(set)
    }

    fn step(&self, (start, step): (usize, &str)) -> Result<usize, ScheduleError> {
        match parse_digits(step) {
            Some(step @ 1..) => Ok(usize::from(step)),
            _ => Err(ScheduleError::new(
                start,
                format!(
                    "`{step}` is no step of the {}: expected a number of 1 or more",
                    self.name
                ),
            )),
        }
    }

    /// One value, by number or name, less the field's base.
    fn value(&self, (start, word): (usize, &str)) -> Result<u8, ScheduleError> {
        let (least, most) = (
            self.base + u16::from(self.least),
            self.base + u16::from(self.most),
        );
        let number = match self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(word))
        {
            Some(place) => u16::try_from(place).ok().map(|place| place + least),
            None => parse_digits(word),
        };
        match number {
            Some(number) if (least..=most).contains(&number) => {
                Ok(u8::try_from(number - self.base).expect("every field's values are below 256"))
            }
            _ => {
                let names = match (self.names.first(), self.names.last()) {
                    (Some(from), Some(to)) => format!(" or {from} to {to}"),
                    _ => String::new(),
                };
                Err(ScheduleError::new(
                    start,
                    format!(
                        "`{word}` is no {}: expected {least} to {most}{names}",
                        self.name
                    ),
                ))
            }
        }
    }
}

/// A number of digits alone: `u16`'s own reader takes a sign too.
fn parse_digits(word: &str) -> Option<u16> {
    word.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| word.parse().ok())?
}

#[cfg(test)]
mod tests;
