//! Plays the runs of a search: loads choices, plays them side by side, looks at their summaries.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::cost::Summary;
use crate::experiment::figures::Figures;
use crate::experiment::parallel::run_indexed;
use crate::experiment::seeds::seed_of;
use crate::experiment::{run_once, with_seed};
use crate::scenario::{FigurePath, LoadError, Scenario};
use crate::units::Fixed;

use super::error::PlanError;
use super::record::Observation;
use super::search::{Play, Player};

/// So many steps of a [`Fixed`] make a millionth.
const STEPS_OF_A_MILLIONTH: u64 = 1_000_000;

/// Who plays a plan's runs.
pub(super) struct Games<'a, L, W> {
    /// Loads a choice by its number, with the plan's checks.
    pub(super) load: L,
    /// The numbers of the choices that take part, by their places in the search.
    pub(super) numbers: &'a [u64],
    pub(super) objective: &'a FigurePath,
    pub(super) jobs: NonZeroUsize,
    /// Hears of every run that is done.
    pub(super) watch: W,
}

impl<L, W> Player for Games<'_, L, W>
where
    L: Fn(u64) -> Result<Scenario, LoadError> + Sync,
    W: FnMut(),
{
    type Error = PlanError;

    fn play(&mut self, runs: &[Play]) -> Result<Vec<Observation>, PlanError> {
        let mut places: Vec<usize> = runs.iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        places.dedup();
        let loaded = run_indexed(
            self.jobs,
            places.len(),
            |at| (self.load)(self.numbers[places[at]]),
            |_, _| ControlFlow::Continue(()),
        );
        let scenarios = loaded
            .into_iter()
            .collect::<Result<Vec<Scenario>, LoadError>>()?;
        let objective = self.objective;
        let work = |at: usize| {
            let (place, replication) = runs[at];
            let loaded = places
                .binary_search(&place)
                .expect("each choice of a run is loaded");
            let scenario = &scenarios[loaded];
            let seed = seed_of(scenario.seed, replication);
            run_once(&with_seed(scenario, seed)).map(|summary| observe(&summary, objective))
        };
        let watch = &mut self.watch;
        let done = |_: usize, result: &Result<Observation, _>| {
            watch();
            if result.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let told = run_indexed(self.jobs, runs.len(), work, done);
        Ok(told.into_iter().collect::<Result<Vec<Observation>, _>>()?)
    }
}

/// What a plan wants to know of a run.
fn observe(summary: &Summary, objective: &FigurePath) -> Observation {
    let checks = summary.checks.iter().enumerate();
    Observation {
        failed: checks
            .filter(|(_, check)| !check.passed)
            .map(|(place, _)| place)
            .collect(),
        objective: Figures::of(summary).get(objective).ok().flatten(),
        wait: summary.placement.wait_ms.p99.map(Fixed::from),
        availability: availability(summary),
    }
}

/// The lowest availability of a service, or the share of standalone tasks that were placed,
/// whichever is lower; `None` without either.
fn availability(summary: &Summary) -> Option<Fixed> {
    let of_services = summary
        .services
        .values()
        .filter_map(|service| service.availability);
    let of_services = of_services.filter_map(|share| Fixed::parse(&share.to_string()).ok());
    let entries = || summary.tasks.by_entry.values();
    let submitted: u64 = entries().map(|entry| entry.submitted).sum();
    let placed: u64 = entries().map(|entry| entry.placed).sum();
    let millionths = (u128::from(placed) * 1_000_000).checked_div(u128::from(submitted));
    let of_tasks = millionths.and_then(|millionths| {
        let steps = millionths * u128::from(STEPS_OF_A_MILLIONTH);
        i128::try_from(steps).ok().map(Fixed)
    });
    of_services.chain(of_tasks).min()
}
