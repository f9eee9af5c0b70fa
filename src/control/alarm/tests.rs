//! The alarm against CloudWatch's published tables and against a plain M-of-N oracle.

use proptest::prelude::*;

use super::{
    Alarm, AlarmConfiguration, AlarmError, AlarmState, ComparisonOperator, Statistic,
    TreatMissingData,
};
use crate::control::metric::MetricValue;
use crate::units::Millis;

const TREATMENTS: [TreatMissingData; 4] = [
    TreatMissingData::Missing,
    TreatMissingData::Ignore,
    TreatMissingData::Breaching,
    TreatMissingData::NotBreaching,
];

fn above_50(datapoints_to_alarm: u32, evaluation_periods: u32) -> AlarmConfiguration {
    AlarmConfiguration {
        period: Millis::MINUTE,
        statistic: Statistic::Average,
        comparison_operator: ComparisonOperator::GreaterThanThreshold,
        threshold: MetricValue::whole(50),
        evaluation_periods,
        datapoints_to_alarm,
        treat_missing_data: TreatMissingData::Missing,
    }
}

/// `0` is within the threshold, `X` outside, `-` missing.
fn datapoint(letter: char) -> Option<MetricValue> {
    match letter {
        '0' => Some(MetricValue::whole(50)),
        'X' => Some(MetricValue(50_001)),
        _ => None,
    }
}

/// The state after the datapoints, the newest last; the alarm stood at OK before them.
fn state_after(configuration: AlarmConfiguration, datapoints: &str) -> char {
    let mut alarm = Alarm::new(configuration).unwrap();
    for _ in 0..10 {
        alarm.evaluate(datapoint('0'));
    }
    let mut state = alarm.state();
    assert_eq!(state, AlarmState::Ok);
    // Only what is retrieved counts, so what stood before is out of range.
    for letter in datapoints.chars() {
        state = alarm.evaluate(datapoint(letter));
    }
    letter(state)
}

fn letter(state: AlarmState) -> char {
    match state {
        AlarmState::Ok => 'O',
        AlarmState::Alarm => 'A',
        AlarmState::InsufficientData => 'I',
    }
}

#[test]
fn missing_data_is_treated_as_in_cloudwatchs_tables() {
    // Columns: missing, ignore (O: it keeps OK), breaching, notBreaching.
    for (needed, datapoints, expected) in [
        (3, "0-X-X", "OOOO"),
        (3, "----0", "OOOO"),
        (3, "0----", "OOOO"),
        (3, "-----", "IOAO"),
        (3, "0XX-X", "AAAA"),
        (3, "--X--", "AOAO"),
        (3, "----X", "IOAO"),
        (3, "X----", "AOAO"),
        (2, "0-X-X", "AAAA"),
        (2, "00X0X", "AAAA"),
        (2, "0-X--", "OOAO"),
        (2, "----0", "OOAO"),
        (2, "---X-", "AOAO"),
    ] {
        for (treatment, expected) in TREATMENTS.into_iter().zip(expected.chars()) {
            let configuration = AlarmConfiguration {
                treat_missing_data: treatment,
                ..above_50(needed, 3)
            };
            let state = state_after(configuration, datapoints);
            assert_eq!(
                state, expected,
                "{needed} of 3, {datapoints}, {treatment:?}"
            );
        }
    }
}

#[test]
fn an_alarm_that_ignores_missing_data_keeps_its_state() {
    let mut alarm = Alarm::new(AlarmConfiguration {
        treat_missing_data: TreatMissingData::Ignore,
        ..above_50(3, 3)
    })
    .unwrap();
    let states: String = "--XXX-----0"
        .chars()
        .map(|found| letter(alarm.evaluate(datapoint(found))))
        .collect();
    assert_eq!(states, "IIIIAAAAAAO");
}

#[test]
fn an_alarm_begins_without_sufficient_data() {
    let mut alarm = Alarm::new(above_50(3, 3)).unwrap();
    assert_eq!(alarm.state(), AlarmState::InsufficientData);
    let states: String = "XXX0XXX"
        .chars()
        .map(|found| letter(alarm.evaluate(datapoint(found))))
        .collect();
    assert_eq!(states, "IIAOOOA");
}

#[test]
fn each_operator_compares_with_the_threshold() {
    let threshold = MetricValue(50_000);
    for (operator, breaching) in [
        (
            ComparisonOperator::GreaterThanThreshold,
            [false, false, true],
        ),
        (
            ComparisonOperator::GreaterThanOrEqualToThreshold,
            [false, true, true],
        ),
        (ComparisonOperator::LessThanThreshold, [true, false, false]),
        (
            ComparisonOperator::LessThanOrEqualToThreshold,
            [true, true, false],
        ),
    ] {
        let found = [49_999, 50_000, 50_001]
            .map(|value| operator.is_breaching(MetricValue(value), threshold));
        assert_eq!(found, breaching, "{operator:?}");
        assert_eq!(operator.is_upper(), breaching[2]);
    }
}

#[test]
fn a_longer_period_is_evaluated_every_minute_over_its_last_minutes() {
    let mut alarm = Alarm::new(AlarmConfiguration {
        period: Millis(3 * 60_000),
        ..above_50(2, 2)
    })
    .unwrap();
    // Means of the last three: 60, 60, 60, 40, 20, 0; then 30, 60, 90, 90, 90, 90.
    let minutes = [60, 60, 60, 0, 0, 0, 90, 90, 90, 90, 90, 90];
    let states: String = minutes
        .into_iter()
        .map(|value| letter(alarm.evaluate(Some(MetricValue::whole(value)))))
        .collect();
    // Two periods of three minutes each must be above 50: those that end now and three ago.
    assert_eq!(states, "IIIOOOOOOOAA");
}

#[test]
fn a_period_is_the_statistic_of_its_minutes_with_data() {
    let mut alarm = Alarm::new(AlarmConfiguration {
        period: Millis(4 * 60_000),
        ..above_50(1, 1)
    })
    .unwrap();
    for value in [Some(-1), Some(10), None, Some(2)] {
        alarm.evaluate(value.map(MetricValue));
    }
    for (statistic, expected) in [
        (Statistic::Average, 4),
        (Statistic::Minimum, -1),
        (Statistic::Maximum, 10),
        (Statistic::Sum, 11),
    ] {
        assert_eq!(alarm.value(statistic), Some(MetricValue(expected)));
    }
    for _ in 0..4 {
        alarm.evaluate(None);
    }
    assert_eq!(alarm.value(Statistic::Sum), None);
}

#[test]
fn an_impossible_alarm_is_refused_with_its_remedy() {
    let wrong = |change: fn(&mut AlarmConfiguration)| {
        let mut configuration = above_50(3, 3);
        change(&mut configuration);
        Alarm::new(configuration).unwrap_err()
    };
    let period = |error: AlarmError| error.to_string().split(':').next().unwrap().to_owned();
    assert_eq!(
        period(wrong(|alarm| alarm.period = Millis(90_000))),
        "a period of 1m 30s is not a whole number of minutes"
    );
    assert_eq!(
        wrong(|alarm| alarm.period = Millis::ZERO),
        AlarmError::PeriodNotWholeMinutes(Millis::ZERO)
    );
    assert_eq!(
        period(wrong(|alarm| alarm.period = Millis::DAY)),
        "a period of 1d is too long"
    );
    assert_eq!(
        wrong(|alarm| alarm.evaluation_periods = 0),
        AlarmError::EvaluationPeriods(0)
    );
    assert_eq!(
        wrong(|alarm| alarm.evaluation_periods = 121),
        AlarmError::EvaluationPeriods(121)
    );
    assert_eq!(
        wrong(|alarm| alarm.datapoints_to_alarm = 4).to_string(),
        "4 datapoints to alarm of 3 evaluation periods: give 1 to 3"
    );
    assert!(matches!(
        wrong(|alarm| alarm.datapoints_to_alarm = 0),
        AlarmError::DatapointsToAlarm { .. }
    ));
    assert!(matches!(
        wrong(|alarm| (alarm.period, alarm.evaluation_periods) = (Millis(1_800_000), 49)),
        AlarmError::LongerThanADay { .. }
    ));
}

/// The rule as CloudWatch words it, over the whole past.
fn oracle(
    configuration: &AlarmConfiguration,
    past: &[Option<bool>],
    before: AlarmState,
) -> AlarmState {
    let periods = usize::try_from(configuration.evaluation_periods).unwrap();
    let needed = usize::try_from(configuration.datapoints_to_alarm).unwrap();
    let range: Vec<Option<bool>> = past.iter().rev().take(periods + 2).copied().collect();
    let real: Vec<bool> = range.iter().flatten().copied().take(periods).collect();
    let breaching = real.iter().filter(|is_breaching| **is_breaching).count();
    let (good, missing) = (real.len() - breaching, periods - real.len());
    let (most, least) = (breaching + missing, breaching);
    if least >= needed {
        return AlarmState::Alarm;
    }
    if missing == 0 {
        return AlarmState::Ok;
    }
    let oldest = range.iter().rposition(|found| *found == Some(true));
    match configuration.treat_missing_data {
        TreatMissingData::Breaching if most >= needed => AlarmState::Alarm,
        TreatMissingData::Breaching | TreatMissingData::NotBreaching => AlarmState::Ok,
        _ if good > 0 => AlarmState::Ok,
        TreatMissingData::Ignore => before,
        TreatMissingData::Missing if oldest.is_some_and(|position| position + 1 >= needed) => {
            AlarmState::Alarm
        }
        TreatMissingData::Missing => AlarmState::InsufficientData,
    }
}

proptest! {
    #[test]
    fn the_alarm_is_the_plain_m_of_n_rule(
        (periods, needed) in prop_oneof![1_u32..8, 110_u32..=120]
            .prop_flat_map(|periods| (Just(periods), 1..=periods)),
        treatment in 0_usize..4,
        letters in prop::collection::vec(prop::option::weighted(0.7, any::<bool>()), 1..300),
    ) {
        let configuration = AlarmConfiguration {
            treat_missing_data: TREATMENTS[treatment],
            ..above_50(needed, periods)
        };
        let mut alarm = Alarm::new(configuration.clone()).unwrap();
        let mut before = AlarmState::InsufficientData;
        for end in 1..=letters.len() {
            let value = letters[end - 1].map(|is_high| MetricValue::whole(if is_high { 51 } else { 50 }));
            before = oracle(&configuration, &letters[..end], before);
            prop_assert_eq!(alarm.evaluate(value), before);
        }
    }
}
