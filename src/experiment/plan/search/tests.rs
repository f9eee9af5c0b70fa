//! The search against trying everything, on made-up choices whose luck is the same for all.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::{FIRST_FRESH, Play, Player, Rules, Search, search};
use crate::experiment::plan::confidence::{Trial, Verdict};
use crate::experiment::plan::record::{Fate, Observation};
use crate::kernel::Streams;
use crate::scenario::PlanShare as Share;
use crate::units::Fixed;

fn rules() -> Rules {
    let percent = |percent: u32| Share::of_millionths(percent * 10_000).unwrap();
    Rules {
        holds_in: percent(90),
        confidence: percent(95),
        budget: 100_000,
    }
}

/// A choice: what it costs, how much of the demand its capacity meets.
#[derive(Clone, Copy)]
struct Choice {
    cost: u64,
    capacity: u64,
}

/// Choices under a demand that is another one in each replication.
struct World {
    choices: Vec<Choice>,
    seed: u64,
    /// How far costs stray, in thousandths; 0 where they are known before any run.
    noise: u64,
    played: BTreeSet<Play>,
    sizes: Vec<usize>,
}

impl World {
    /// Types of several sizes and prices, counts from 1, and a second thing that wastes a part of
    /// the capacity and costs nothing.
    fn of_fleets(seed: u64, types: u64, counts: u64, wastes: &[u64], noise: u64) -> Self {
        let mut luck = Streams::new(seed).open("world", "types");
        let mut choices = Vec::new();
        for _ in 0..types {
            let size = 4 + luck.below(9);
            let price = size * (90 + luck.below(40));
            for count in 1..=counts {
                for waste in wastes {
                    choices.push(Choice {
                        cost: price * count,
                        capacity: size * count * (100 - waste),
                    });
                }
            }
        }
        Self {
            choices,
            seed,
            noise,
            played: BTreeSet::new(),
            sizes: Vec::new(),
        }
    }

    /// Below 1,000: a stream of its own for each number of choices' luck, and for the days.
    fn draw(&self, of: u64, replication: u64) -> u64 {
        let mixed = (self.seed << 40) ^ (of << 20) ^ replication;
        // The finish of SplitMix64: neighbours have nothing to do with one another.
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 1_000
    }

    fn observe(&self, (place, replication): Play) -> Observation {
        let choice = self.choices[place];
        let demand = 6_000 + 3 * self.draw(1, replication);
        // A day is dear for all of them, and a little more so for some.
        let common = 1_000_000 + self.draw(2, replication) * self.noise;
        let own = u64::try_from(3 + place).unwrap();
        let own = 1_000_000 + self.draw(own, replication) * self.noise / 100;
        let cost = i128::from(choice.cost) * i128::from(common) * i128::from(own);
        Observation {
            failed: if choice.capacity < demand {
                vec![0]
            } else {
                vec![]
            },
            objective: Some(Fixed(cost)),
            wait: None,
            availability: None,
        }
    }

    fn bounds(&self) -> Vec<Option<Fixed>> {
        let known = |choice: &Choice| {
            let cost = Fixed(i128::from(choice.cost) * 1_000_000_000_000);
            (self.noise == 0).then_some(cost)
        };
        self.choices.iter().map(known).collect()
    }

    /// Plays everything with all replications: the best of those that pass the trial of an attempt,
    /// what it costs, and how many runs that takes if nothing fails.
    fn exhaust(&self, attempt: u64) -> (Option<(usize, Fixed)>, u64) {
        let trial = Trial::new(rules().holds_in, rules().confidence, attempt);
        let mut best: Option<(usize, Fixed)> = None;
        for place in 0..self.choices.len() {
            let raced = (0..FIRST_FRESH).map(|run| self.observe((place, run)));
            let sum: i128 = raced.map(|run| run.objective.unwrap().0).sum();
            let mean = Fixed(sum / i128::from(FIRST_FRESH));
            if self.passes(place, &trial) && best.is_none_or(|(_, least)| mean < least) {
                best = Some((place, mean));
            }
        }
        let each = FIRST_FRESH + trial.runs(0).unwrap();
        (best, u64::try_from(self.choices.len()).unwrap() * each)
    }

    fn passes(&self, place: usize, trial: &Trial) -> bool {
        let (mut runs, mut failures) = (0, 0);
        loop {
            match trial.verdict(runs, failures) {
                Verdict::Passed => return true,
                Verdict::Failed => return false,
                Verdict::Open(_) => {}
            }
            let told = self.observe((place, FIRST_FRESH + runs));
            runs += 1;
            failures += u64::from(!told.holds());
        }
    }
}

impl Player for World {
    type Error = Infallible;

    fn play(&mut self, runs: &[Play]) -> Result<Vec<Observation>, Infallible> {
        for run in runs {
            assert!(self.played.insert(*run), "{run:?} is played twice");
        }
        self.sizes.push(runs.len());
        Ok(runs.iter().map(|run| self.observe(*run)).collect())
    }
}

fn searched(world: &mut World, rules: Rules) -> Search {
    let bounds = world.bounds();
    let Ok(found) = search(&bounds, rules, world);
    found
}

/// Finds what trying everything finds, and says how many times fewer runs it took.
fn check_against_everything(world: &mut World, name: &str) -> u64 {
    let found = searched(world, rules());
    let winner = found
        .winner
        .unwrap_or_else(|| panic!("{name}: nothing was found"));
    let record = &found.records[winner];
    let (best, runs) = world.exhaust(record.attempt.unwrap());
    let (place, least) = best.expect("something holds");
    assert_eq!(record.fate, Fate::Winner, "{name}");
    assert_eq!(record.mean(), Some(least), "{name}: {winner} for {place}");
    assert_eq!(
        found.runs,
        u64::try_from(world.played.len()).unwrap(),
        "{name}"
    );
    assert!(!found.ran_out, "{name}");
    assert!(
        runs >= 10 * found.runs,
        "{name}: {} runs for {runs}",
        found.runs
    );
    runs / found.runs
}

#[test]
fn where_costs_are_known_it_finds_what_trying_everything_finds_in_a_tenth_of_the_runs() {
    for seed in 1..=25 {
        for (types, counts, wastes) in [
            (3, 20, [0].as_slice()),
            (5, 24, &[0, 9]),
            (8, 16, &[0, 5, 30]),
        ] {
            let mut world = World::of_fleets(seed, types, counts, wastes, 0);
            let name = format!("seed {seed}, {} choices", world.choices.len());
            check_against_everything(&mut world, &name);
        }
    }
}

#[test]
fn where_costs_are_not_known_it_finds_what_trying_everything_finds_in_a_tenth_of_the_runs() {
    for seed in 1..=25 {
        for (types, counts, wastes) in [(6, 24, [0].as_slice()), (8, 24, &[0, 9])] {
            let mut world = World::of_fleets(seed, types, counts, wastes, 100);
            let name = format!("seed {seed}, {} choices", world.choices.len());
            check_against_everything(&mut world, &name);
        }
    }
}

#[test]
fn where_nothing_holds_there_is_no_winner() {
    for noise in [0, 100] {
        let mut world = World::of_fleets(7, 3, 4, &[0], noise);
        let found = searched(&mut world, rules());
        assert_eq!(found.winner, None);
        assert!(
            found
                .records
                .iter()
                .all(|record| record.fate == Fate::GivenUp)
        );
        // Two runs that fail are enough.
        assert_eq!(found.runs, 2 * 12);
        assert_eq!(found.attempts, 0);
    }
}

#[test]
fn nothing_to_choose_from_is_no_winner() {
    let mut world = World::of_fleets(7, 0, 0, &[], 0);
    let found = searched(&mut world, rules());
    assert_eq!((found.winner, found.runs), (None, 0));
}

#[test]
fn no_budget_is_exceeded_and_none_that_suffices_is_used_up() {
    for noise in [0, 100] {
        let needed = searched(&mut World::of_fleets(3, 6, 24, &[0, 9], noise), rules());
        let first = Trial::new(rules().holds_in, rules().confidence, 1)
            .runs(0)
            .unwrap();
        for budget in (0..needed.runs + 20).step_by(7) {
            let mut world = World::of_fleets(3, 6, 24, &[0, 9], noise);
            let found = searched(&mut world, Rules { budget, ..rules() });
            assert!(found.runs <= budget, "{} of {budget}", found.runs);
            if budget < first {
                assert_eq!((found.winner, found.runs), (None, 0));
            }
            if budget >= needed.runs {
                assert_eq!(found, needed);
            } else if found.winner.is_none() {
                assert!(found.ran_out, "{budget}");
                let left = found
                    .records
                    .iter()
                    .filter(|record| record.fate == Fate::BeyondBudget);
                assert!(left.count() > 0, "{budget}");
            }
        }
    }
}

#[test]
fn runs_are_asked_for_side_by_side() {
    let mut world = World::of_fleets(3, 8, 24, &[0], 100);
    let found = searched(&mut world, rules());
    let rounds = u64::try_from(world.sizes.len()).unwrap();
    assert!(
        found.runs > 4 * rounds,
        "{} runs in {rounds} rounds",
        found.runs
    );
}

/// A world in which one choice fails wherever it is confirmed, and another one only there.
struct Treacherous {
    bad: Vec<usize>,
    costs: Vec<u64>,
}

impl Player for Treacherous {
    type Error = Infallible;

    fn play(&mut self, runs: &[Play]) -> Result<Vec<Observation>, Infallible> {
        let told = runs.iter().map(|(place, replication)| Observation {
            failed: if self.bad.contains(place) && *replication >= FIRST_FRESH {
                vec![0]
            } else {
                vec![]
            },
            objective: Some(Fixed::from(self.costs[*place])),
            wait: None,
            availability: None,
        });
        Ok(told.collect())
    }
}

#[test]
fn where_the_leader_is_not_confirmed_the_next_best_takes_its_place_and_needs_more_runs() {
    let mut player = Treacherous {
        bad: vec![0, 1],
        costs: vec![10, 11, 12, 13, 14],
    };
    let costs = player.costs.clone();
    for is_known in [true, false] {
        let bounds: Vec<Option<Fixed>> = costs
            .iter()
            .map(|cost| is_known.then(|| Fixed::from(*cost)))
            .collect();
        let Ok(found) = search(&bounds, rules(), &mut player);
        assert_eq!(found.winner, Some(2), "{is_known}");
        assert_eq!(found.attempts, 3);
        assert_eq!(found.records[0].fate, Fate::NotConfirmed);
        assert_eq!(found.records[1].fate, Fate::NotConfirmed);
        let attempts = found.records.iter().map(|record| record.attempt);
        let attempts: Vec<Option<u64>> = attempts.collect();
        assert_eq!(attempts, [Some(1), Some(2), Some(3), None, None]);
        // The first few fresh runs showed it.
        assert_eq!(found.records[0].fresh.len(), 4);
        let trial = Trial::new(rules().holds_in, rules().confidence, 3);
        let fresh = u64::try_from(found.records[2].fresh.len()).unwrap();
        assert_eq!(trial.runs(0), Some(fresh));
    }
}

#[test]
fn a_run_without_an_objective_counts_as_failed() {
    struct Silent;
    impl Player for Silent {
        type Error = Infallible;
        fn play(&mut self, runs: &[Play]) -> Result<Vec<Observation>, Infallible> {
            Ok(runs.iter().map(|_| Observation::default()).collect())
        }
    }
    let Ok(found) = search(&[None, None], rules(), &mut Silent);
    assert_eq!((found.winner, found.runs), (None, 4));
}

#[test]
fn an_error_of_the_player_ends_the_search() {
    struct Broken;
    impl Player for Broken {
        type Error = &'static str;
        fn play(&mut self, _: &[Play]) -> Result<Vec<Observation>, &'static str> {
            Err("the trace is faulty")
        }
    }
    let said = search(&[None], rules(), &mut Broken).unwrap_err();
    assert_eq!(said, "the trace is faulty");
}
