//! From a scenario's file to a plan: looks at every choice, searches, and has put together what was
//! found.

use std::num::NonZeroUsize;

use crate::experiment::checks::{first_figures, never_later};
use crate::experiment::figures::Figures;
use crate::scenario::{Check, LoadError, LoadOptions, Plan, Scenario, ScenarioFile, Variable};
use crate::units::Fixed;

use super::assemble::Findings;
use super::confidence::Trial;
use super::error::PlanError;
use super::games::Games;
use super::outcome::Planned;
use super::prepare::{Preparation, Prospect};
use super::record::{Fate, Record};
use super::search::{Player, Rules, Search, search};
use super::space::Space;

/// Takes the plan out of a choice: it is read once.
const WITHOUT_PLAN: &str = "plan=null";

/// How far a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many choices of all have been looked at.
    Looked(u64, u64),
    /// Another run is done.
    Played,
}

/// A plan to be made.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    /// The scenario's file.
    pub file: &'a ScenarioFile,
    /// What the command line changes in it.
    pub options: &'a LoadOptions,
    /// The scenario as it stands.
    pub scenario: &'a Scenario,
    /// Threads.
    pub jobs: NonZeroUsize,
}

impl Planning<'_> {
    /// Makes the plan; `watch` hears how far it has come.
    ///
    /// # Errors
    /// What is wrong with what was given: see [`PlanError`].
    pub fn make(&self, watch: &mut dyn FnMut(Progress)) -> Result<Planned, PlanError> {
        let plan = self.scenario.plan.as_ref().ok_or(PlanError::NoPlan)?;
        let checks = [self.scenario.checks.as_slice(), &plan.require].concat();
        let rules = rules(plan)?;
        if checks.is_empty() {
            return Err(PlanError::NoChecks);
        }
        let space = Space::new(&plan.vary).map_err(|count| too_many(plan, count))?;
        self.try_figures(plan, space, &checks)?;
        let preparation = Preparation {
            load: |number| self.load(space, &checks, number),
            checks: &checks,
            objective: plan.objective.as_str(),
            jobs: self.jobs,
        };
        let all = space.len();
        let prospects = preparation.look(all, |looked| watch(Progress::Looked(looked, all)));
        report_never_valid(plan, space, &prospects)?;
        let entrants = entrants(&prospects);
        let mut games = Games {
            load: &preparation.load,
            numbers: &entrants.numbers,
            objective: &plan.objective,
            jobs: self.jobs,
            watch: || watch(Progress::Played),
        };
        let found = match entrants.bounds {
            Some(bounds) => search(&bounds, rules, &mut games)?,
            None => show_failure(&entrants.numbers, &mut games)?,
        };
        let findings = Findings {
            scenario: self.scenario,
            plan,
            checks: &checks,
            space,
            prospects: &prospects,
            numbers: &entrants.numbers,
            found: &found,
        };
        Ok(findings.put_together())
    }

    /// Loads a choice, with everything that must hold as its checks.
    fn load(&self, space: Space<'_>, checks: &[Check], number: u64) -> Result<Scenario, LoadError> {
        let mut options = self.options.clone();
        options.sets.extend(space.sets(number));
        options.sets.push(WITHOUT_PLAN.to_owned());
        let mut scenario = self.file.load(&options)?.scenario;
        scenario.checks = checks.to_vec();
        Ok(scenario)
    }

    /// Whether objective and checks are figures that a run can have: one of the scenario as it
    /// stands, of its first or of its last choice.
    fn try_figures(
        &self,
        plan: &Plan,
        space: Space<'_>,
        checks: &[Check],
    ) -> Result<(), PlanError> {
        let ends = [0, space.len().saturating_sub(1)];
        let loaded = ends
            .into_iter()
            .filter_map(|number| self.load(space, checks, number).ok());
        let choices: Vec<Scenario> = loaded.collect();
        let scenarios = std::iter::once(self.scenario).chain(&choices);
        let beginnings: Vec<Figures> = scenarios.filter_map(first_figures).collect();
        let never = |figure| never_later(figure, &beginnings);
        if let Some(error) = never(&plan.objective) {
            return Err(PlanError::Objective(error));
        }
        for check in checks {
            if let Some(error) = never(&check.expression.figure) {
                let check = Box::new(check.clone());
                return Err(PlanError::Check { check, error });
            }
        }
        Ok(())
    }
}

fn rules(plan: &Plan) -> Result<Rules, PlanError> {
    let Plan {
        holds_in,
        confidence,
        budget,
        ..
    } = *plan;
    let needed = Trial::new(holds_in, confidence, 1)
        .runs(0)
        .unwrap_or(u64::MAX);
    // A choice has a run of the search before it comes to confirmation.
    if budget <= needed {
        return Err(PlanError::SmallBudget {
            budget,
            needed: needed.saturating_add(1),
            holds_in,
            confidence,
        });
    }
    Ok(Rules {
        holds_in,
        confidence,
        budget,
    })
}

fn too_many(plan: &Plan, count: u128) -> PlanError {
    let sizes = plan
        .vary
        .iter()
        .map(|variable| variable.values.len().to_string());
    let sizes: Vec<String> = sizes.collect();
    PlanError::TooMany {
        count,
        sizes: sizes.join(" x "),
    }
}

/// A value with which no choice is a scenario is a mistake; combinations that are none may be.
fn report_never_valid(
    plan: &Plan,
    space: Space<'_>,
    prospects: &[Prospect],
) -> Result<(), PlanError> {
    let unseen = |variable: &Variable| vec![Seen::Never; variable.values.len()];
    let mut seen: Vec<Vec<Seen<'_>>> = plan.vary.iter().map(unseen).collect();
    for (number, prospect) in (0..).zip(prospects) {
        for (variable, place) in space.places(number).into_iter().enumerate() {
            let value = &mut seen[variable][place];
            *value = match (*value, prospect) {
                (Seen::Never, Prospect::Invalid(error)) => Seen::Invalid(error),
                (known, Prospect::Invalid(_)) => known,
                _ => Seen::Valid,
            };
        }
    }
    for (variable, seen) in plan.vary.iter().zip(&seen) {
        for (value, seen) in variable.values.iter().zip(seen) {
            if let Seen::Invalid(error) = seen {
                return Err(PlanError::NeverValid {
                    variable: variable.name.clone(),
                    place: variable.place.clone(),
                    value: value.label.clone(),
                    error: Box::new((*error).clone()),
                });
            }
        }
    }
    Ok(())
}

/// How the choices with some value have turned out so far.
#[derive(Clone, Copy)]
enum Seen<'a> {
    Never,
    /// None is a scenario; what is wrong with the first.
    Invalid(&'a LoadError),
    /// At least one is a scenario.
    Valid,
}

/// Who takes part in the search.
struct Entrants {
    numbers: Vec<u64>,
    /// What they cost at least; `None` when all were left out, and one stands for them to show why.
    bounds: Option<Vec<Option<Fixed>>>,
}

fn entrants(prospects: &[Prospect]) -> Entrants {
    let (mut numbers, mut bounds) = (Vec::new(), Vec::new());
    for (number, prospect) in (0..).zip(prospects) {
        if let Prospect::Open(bound) = prospect {
            numbers.push(number);
            bounds.push(*bound);
        }
    }
    if !numbers.is_empty() {
        return Entrants {
            numbers,
            bounds: Some(bounds),
        };
    }
    // The dearest of those that are too small is the nearest to holding, as far as can be told.
    let left_out = (0..)
        .zip(prospects)
        .filter_map(|(number, prospect)| match prospect {
            Prospect::TooSmall(bound) => Some((true, *bound, number)),
            Prospect::TooDear => Some((false, None, number)),
            Prospect::Open(_) | Prospect::Invalid(_) => None,
        });
    Entrants {
        numbers: left_out
            .max()
            .map(|(.., number)| number)
            .into_iter()
            .collect(),
        bounds: None,
    }
}

/// Plays one choice that was left out.
fn show_failure<P: Player>(numbers: &[u64], player: &mut P) -> Result<Search, P::Error> {
    let mut records = Vec::new();
    for place in 0..numbers.len() {
        let search = player.play(&[(place, 0)])?;
        records.push(Record {
            search,
            fate: Fate::GivenUp,
            ..Record::new(None)
        });
    }
    Ok(Search {
        runs: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        winner: None,
        attempts: 0,
        ran_out: false,
    })
}
