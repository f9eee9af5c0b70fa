//! Why a plan cannot be made. All of it is something that the user gave.

use thiserror::Error;

use crate::experiment::figures::FigureError;
use crate::scenario::{Check, LoadError, PlanShare as Share};
use crate::simulation::SetupError;

use super::space::MOST_CHOICES;

/// Why a plan cannot be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The scenario has no `plan`.
    #[error(
        "the scenario has no `plan`: add one that says what may vary, for instance\n\
         plan: {{vary: [{{path: containerInstances.0.count, values: 2..20}}]}}"
    )]
    NoPlan,
    /// Nothing must hold.
    #[error(
        "nothing must hold, so the cheapest choice would do nothing: add `checks` to the scenario \
         or `require` to its plan, for instance `require: [tasks.notPlaced == 0]`"
    )]
    NoChecks,
    /// Too many combinations.
    #[error(
        "the plan has {count} choices ({sizes}); at most {MOST_CHOICES} are looked at: take larger \
         steps, or fewer values"
    )]
    TooMany {
        /// How many.
        count: u128,
        /// How many values each variable has: `39 x 12 x 4`.
        sizes: String,
    },
    /// The budget is smaller than one confirmation.
    #[error(
        "a budget of {budget} runs cannot confirm any choice: {needed} runs, none of which fails, \
         show with a confidence of {confidence} that the checks hold in {holds_in} of all runs; \
         raise `budget`, or lower `holdsIn`"
    )]
    SmallBudget {
        /// The budget.
        budget: u64,
        /// What the first confirmation needs.
        needed: u64,
        /// The share of runs.
        holds_in: Share,
        /// The confidence.
        confidence: Share,
    },
    /// A value that makes no scenario, whatever the others are.
    #[error("{place}: no choice with `{variable}` = {value} is a scenario that can run")]
    NeverValid {
        /// The variable.
        variable: String,
        /// Where it stands.
        place: String,
        /// Its value.
        value: String,
        /// What is wrong with the first such choice.
        #[source]
        error: Box<LoadError>,
    },
    /// A check looks at what is no figure of the summary.
    #[error("the check `{}`: {error}", .check.text)]
    Check {
        /// The check.
        check: Box<Check>,
        /// What is wrong with its figure.
        error: FigureError,
    },
    /// The objective is no figure of the summary.
    #[error("the objective of the plan: {0}")]
    Objective(FigureError),
    /// A choice could be loaded before and cannot now.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A run cannot begin, or its trace is faulty.
    #[error(transparent)]
    Setup(#[from] SetupError),
}
