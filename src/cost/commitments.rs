//! Reserved Instances and Savings Plans, applied hour by hour in AWS's order: Reserved Instances
//! (those of a zone first), EC2 Instance Savings Plans, Compute Savings Plans; what is left is
//! On-Demand (Savings Plans User Guide, how they apply to usage).
//!
//! Hours are those of the run, from its start; a last part of one counts as that part. Within an
//! hour
//!
//! - Reserved Instances cover as much instance-time of their type as they are many, instance after
//!   instance in order of registration;
//! - a Savings Plan covers usage at its rates until the commitment of the hour is used up: first
//!   the usage on which it saves the largest part, of equals that with the lowest rate, of equals
//!   in order of registration.
//!
//! What an hour leaves unused is lost. All amounts are integers: milliseconds of an instance, CPU
//! units or MiB of Fargate tasks times milliseconds, and rates times those; where a commitment ends
//! within a usage, the whole amounts that it still pays for are covered.

use crate::model::{Commitments, Meter, ReservedInstances, SavingsPlan, SavingsPlanType};
use crate::units::{HourlyRate, Millis, SimTime};

/// On-Demand usage that a commitment may cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What it is counted by.
    pub meter: Meter,
    /// Where it is.
    pub availability_zone: String,
    /// When, and how much.
    pub time: UsageTime,
    /// What an hour of a unit costs On-Demand.
    pub on_demand: HourlyRate,
}

/// When something is used. Amounts are milliseconds times parts of a unit: an instance is whole, a
/// vCPU has 1,024 CPU units, a GB 1,024 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageTime {
    /// One unit from one time to another.
    Span(SimTime, SimTime),
    /// So much in each hour of the run.
    Hourly(Vec<u128>),
}

/// How much of a usage a commitment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    /// The commitment, by its place: Reserved Instances first, then Savings Plans.
    pub commitment: usize,
    /// What an hour of a unit costs under it.
    pub rate: HourlyRate,
    /// How much, as the usage is counted.
    pub amount: u128,
}

/// Rates times milliseconds are multiplied by this, so that parts of a unit stay whole numbers.
const SCALE: u128 = 1_024;

/// What amounts of money in a [`CommitmentHour`] are divided by to give nano-dollars.
pub const MONEY: u128 = SCALE * 3_600_000;

/// An hour of a commitment. Amounts of money are nano-dollars times [`MONEY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitmentHour {
    /// What is committed to.
    pub committed: u128,
    /// What is used of it.
    pub used: u128,
    /// What the covered usage would cost On-Demand.
    pub covered: u128,
}

/// What the commitments did to the usage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// By usage: what covers it, each commitment once, in the order in which they applied first.
    pub covered: Vec<Vec<Covered>>,
    /// By commitment: its hours.
    pub hours: Vec<Vec<CommitmentHour>>,
    /// By hour: what all the usage would cost On-Demand, covered or not.
    pub on_demand: Vec<u128>,
}

/// Applies the commitments to the usage of a run that lasts for so long. `usages` are in order of
/// registration.
pub fn apply(commitments: &Commitments, usages: &[Usage], duration: Millis) -> Applied {
    let hour_count = duration.0.div_ceil(Millis::HOUR.0);
    let count = commitments.reserved_instances.len() + commitments.savings_plans.len();
    let mut applied = Applied {
        covered: vec![Vec::new(); usages.len()],
        hours: vec![Vec::new(); count],
        on_demand: Vec::new(),
    };
    let mut by_begin: Vec<usize> = (0..usages.len()).collect();
    by_begin.sort_by_key(|usage| usages[*usage].from());
    let mut coming = by_begin.into_iter().peekable();
    let mut alive: Vec<usize> = Vec::new();
    for hour in 0..hour_count {
        let window = Window::of(hour, hour_count, duration);
        while let Some(next) = coming.next_if(|usage| usages[*usage].from() < window.until) {
            alive.push(next);
        }
        alive.retain(|usage| usages[*usage].lasts_beyond(window.from));
        alive.sort_unstable();
        let items = alive.iter().map(|usage| Item {
            usage: *usage,
            left: window.amount_of(&usages[*usage]),
        });
        let mut hour = Hour {
            usages,
            items: items.filter(|item| item.left > 0).collect(),
            lasts: window.lasts,
            applied: &mut applied,
        };
        hour.apply(commitments);
    }
    applied
}

impl Usage {
    fn from(&self) -> u64 {
        match &self.time {
            UsageTime::Span(from, _) => from.0,
            UsageTime::Hourly(_) => 0,
        }
    }

    fn lasts_beyond(&self, at: u64) -> bool {
        match &self.time {
            UsageTime::Span(_, until) => until.0 > at,
            UsageTime::Hourly(_) => true,
        }
    }

    /// What an amount costs at a rate, as money is counted here.
    fn cost(&self, rate: HourlyRate, amount: u128) -> u128 {
        u128::from(rate.0) * self.weight() * amount
    }

    /// How much of [`SCALE`] a part of a unit is.
    fn weight(&self) -> u128 {
        match self.meter {
            Meter::Instance(_) => SCALE,
            Meter::FargateVcpu(_) | Meter::FargateMemory(_) => 1,
        }
    }
}

/// An hour of the run. What is billed beyond the end of the run falls into the last one.
struct Window {
    hour: u64,
    from: u64,
    until: u64,
    lasts: u64,
}

impl Window {
    fn of(hour: u64, hour_count: u64, Millis(duration): Millis) -> Self {
        let from = hour * Millis::HOUR.0;
        let end = from + Millis::HOUR.0;
        Self {
            hour,
            from,
            until: if hour + 1 == hour_count {
                u64::MAX
            } else {
                end
            },
            lasts: end.min(duration) - from,
        }
    }

    fn amount_of(&self, usage: &Usage) -> u128 {
        match &usage.time {
            UsageTime::Span(from, until) => {
                let (from, until) = (from.0.max(self.from), until.0.min(self.until));
                u128::from(until.saturating_sub(from))
            }
            UsageTime::Hourly(hours) => {
                let hour = usize::try_from(self.hour).ok();
                hour.and_then(|hour| hours.get(hour)).copied().unwrap_or(0)
            }
        }
    }
}

/// The rest of a usage in an hour that nothing covers yet.
struct Item {
    usage: usize,
    left: u128,
}

struct Hour<'a> {
    usages: &'a [Usage],
    items: Vec<Item>,
    lasts: u64,
    applied: &'a mut Applied,
}

impl Hour<'_> {
    fn apply(&mut self, commitments: &Commitments) {
        let on_demand = self.items.iter().map(|item| {
            let usage = &self.usages[item.usage];
            usage.cost(usage.on_demand, item.left)
        });
        let on_demand = on_demand.sum();
        self.applied.on_demand.push(on_demand);
        for hours in &mut self.applied.hours {
            hours.push(CommitmentHour::default());
        }
        let reserved = &commitments.reserved_instances;
        for is_zonal in [true, false] {
            for (place, of) in reserved.iter().enumerate() {
                if of.availability_zone.is_some() == is_zonal {
                    self.reserve(place, of);
                }
            }
        }
        for is_of_family in [true, false] {
            for (place, plan) in (reserved.len()..).zip(&commitments.savings_plans) {
                let of_family = matches!(plan.plan_type, SavingsPlanType::Ec2Instance { .. });
                if of_family == is_of_family {
                    self.spend(place, plan);
                }
            }
        }
    }

    fn reserve(&mut self, place: usize, of: &ReservedInstances) {
        let mut left = u128::from(of.count) * u128::from(self.lasts);
        self.hour(place).committed = u128::from(of.rate.0) * left * SCALE;
        for item in 0..self.items.len() {
            let usage = &self.usages[self.items[item].usage];
            let is_type =
                matches!(&usage.meter, Meter::Instance(name) if *name == of.instance_type);
            let is_place = of
                .availability_zone
                .as_ref()
                .is_none_or(|zone| *zone == usage.availability_zone);
            if is_type && is_place {
                let amount = self.items[item].left.min(left);
                left -= amount;
                self.cover(item, place, of.rate, amount);
            }
        }
    }

    fn spend(&mut self, place: usize, plan: &SavingsPlan) {
        let committed = u128::from(plan.commitment.0) * u128::from(self.lasts) * SCALE;
        self.hour(place).committed = committed;
        let mut left = committed;
        for (item, rate) in self.by_saving(plan) {
            let usage = &self.usages[self.items[item].usage];
            let affordable = left / usage.cost(rate, 1).max(1);
            let amount = self.items[item].left.min(affordable);
            left -= usage.cost(rate, amount);
            self.cover(item, place, rate, amount);
        }
    }

    /// The items that a plan has a rate for, that on which it saves the largest part first.
    fn by_saving(&self, plan: &SavingsPlan) -> Vec<(usize, HourlyRate)> {
        let rate_of = |usage: &Usage| {
            let mut rates = plan.rates.iter();
            let found = rates.find(|(meter, _)| *meter == usage.meter);
            found.map(|(_, rate)| *rate)
        };
        let items = self.items.iter().enumerate();
        let mut found: Vec<(usize, HourlyRate)> = items
            .filter(|(_, item)| item.left > 0)
            .filter_map(|(place, item)| Some((place, rate_of(&self.usages[item.usage])?)))
            .collect();
        let on_demand = |item: usize| {
            let usage = &self.usages[self.items[item].usage];
            u128::from(usage.on_demand.0)
        };
        found.sort_by(|(a, rate_a), (b, rate_b)| {
            // rate a / On-Demand a against rate b / On-Demand b.
            let part_a = u128::from(rate_a.0) * on_demand(*b);
            let part_b = u128::from(rate_b.0) * on_demand(*a);
            part_a.cmp(&part_b).then(rate_a.cmp(rate_b))
        });
        found
    }

    fn cover(&mut self, item: usize, commitment: usize, rate: HourlyRate, amount: u128) {
        if amount == 0 {
            return;
        }
        let Item { usage, left } = &mut self.items[item];
        *left -= amount;
        let list = &mut self.applied.covered[*usage];
        let same = |other: &&mut Covered| other.commitment == commitment;
        match list.iter_mut().find(same) {
            Some(covered) => covered.amount += amount,
            None => list.push(Covered {
                commitment,
                rate,
                amount,
            }),
        }
        let usage = &self.usages[*usage];
        let hours = &mut self.applied.hours[commitment];
        let hour = hours.last_mut().expect("the hour has begun");
        hour.used += usage.cost(rate, amount);
        hour.covered += usage.cost(usage.on_demand, amount);
    }

    fn hour(&mut self, commitment: usize) -> &mut CommitmentHour {
        let hours = &mut self.applied.hours[commitment];
        hours.last_mut().expect("the hour has begun")
    }
}

#[cfg(test)]
mod tests;
