//! What the Spot Instance Advisor says of a type in a region.

use crate::units::HourlyRate;

/// How often Spot Instances of a type were interrupted over the last month, by the classes of the
/// Spot Instance Advisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterruptionFrequency {
    /// `<5%`
    Below5,
    /// `5-10%`
    From5To10,
    /// `10-15%`
    From10To15,
    /// `15-20%`
    From15To20,
    /// `>20%`
    Above20,
}

impl InterruptionFrequency {
    /// All, from the least to the most.
    pub const ALL: [Self; 5] = [
        Self::Below5,
        Self::From5To10,
        Self::From10To15,
        Self::From15To20,
        Self::Above20,
    ];

    /// The advisor's words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Below5 => "<5%",
            Self::From5To10 => "5-10%",
            Self::From10To15 => "10-15%",
            Self::From15To20 => "15-20%",
            Self::Above20 => ">20%",
        }
    }

    /// The middle of the class as a probability of interruption within a month, in millionths. The
    /// last class has no upper end: it counts as wide as the others.
    pub const fn monthly_millionths(self) -> u32 {
        match self {
            Self::Below5 => 25_000,
            Self::From5To10 => 75_000,
            Self::From10To15 => 125_000,
            Self::From15To20 => 175_000,
            Self::Above20 => 225_000,
        }
    }
}

/// Savings and interruptions of a type in a region, Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpotFigures {
    /// How far the Spot price was below the On-Demand price over 30 days, in percent, at most 100.
    /// A few are negative: above it.
    pub savings_percent: i32,
    /// How often instances were interrupted.
    pub interruptions: InterruptionFrequency,
}

impl SpotFigures {
    /// The Spot price that goes with an On-Demand price, rounded half up to a nano-dollar.
    pub fn price(&self, on_demand: HourlyRate) -> HourlyRate {
        let percent = u128::from((100_i32 - self.savings_percent).unsigned_abs());
        let price = (u128::from(on_demand.0) * percent + 50) / 100;
        HourlyRate(u64::try_from(price).unwrap_or(u64::MAX))
    }

    /// Reads `67:<5`: the savings, and the class without its sign of percent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (savings, class) = text.split_once(':')?;
        let savings_percent: i32 = savings.parse().ok()?;
        let is_class =
            |known: &InterruptionFrequency| known.name().strip_suffix('%') == Some(class);
        let interruptions = InterruptionFrequency::ALL.into_iter().find(is_class)?;
        (-1_000..=100).contains(&savings_percent).then_some(Self {
            savings_percent,
            interruptions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{InterruptionFrequency, SpotFigures};
    use crate::units::HourlyRate;

    #[test]
    fn a_spot_price_is_the_on_demand_price_less_the_savings() {
        for (savings_percent, expected) in [(67, 31_680_000), (0, 96_000_000), (-5, 100_800_000)] {
            let figures = SpotFigures {
                savings_percent,
                interruptions: InterruptionFrequency::Below5,
            };
            assert_eq!(figures.price(HourlyRate(96_000_000)), HourlyRate(expected));
        }
    }

    #[test]
    fn cells_read_back_and_others_do_not() {
        let read = |text: &str| SpotFigures::parse(text);
        let figures = read("67:>20").unwrap();
        assert_eq!(figures.savings_percent, 67);
        assert_eq!(figures.interruptions, InterruptionFrequency::Above20);
        assert_eq!(read("-3:<5").unwrap().savings_percent, -3);
        for text in [
            "", "67", "67:", "67:<5%", "67:5-11", "101:<5", "x:<5", "1.5:<5",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn classes_stand_in_order_and_their_middles_rise() {
        let middles = InterruptionFrequency::ALL.map(InterruptionFrequency::monthly_millionths);
        assert_eq!(middles, [25_000, 75_000, 125_000, 175_000, 225_000]);
        assert!(InterruptionFrequency::ALL.is_sorted());
    }
}
