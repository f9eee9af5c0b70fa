//! EC2 Auto Scaling: how many instances a group wants, which it launches next, which it ends.
//!
//! Decisions over a view of the group at one moment. [`GroupView`] holds the settings, a row for
//! each instance, and what could be launched now; its methods say what to do, and `simulation`
//! does it. Nothing here draws: where chance decides, the caller hands the draw in.
//!
//! - Scale-out, one purchase option at a time: [`GroupView::shortfall`],
//!   [`GroupView::rank_launches`].
//! - Scale-in: [`GroupView::pick_to_terminate`].
//! - Rebalancing between zones, and of Spot Instances at risk: [`GroupView::zone_moves`],
//!   [`GroupView::replacements_allowed`].
//! - Replacement of old instances: [`GroupView::past_lifetime`], [`refresh_step`].
//! - The warm pool: [`GroupView::warm_pool_change`], [`GroupView::rank_preparations`],
//!   [`GroupView::pick_warmed`].
//!
//! ```
//! use ecs_sim::cloud::auto_scaling::{GroupConfiguration, GroupView, Offer};
//! use ecs_sim::model::PurchaseOption;
//! use ecs_sim::units::HourlyRate;
//!
//! let configuration = GroupConfiguration {
//!     max_size: 10,
//!     ..GroupConfiguration::new(vec!["us-east-1a".to_owned(), "us-east-1b".to_owned()])
//! };
//! let offer = |zone| Offer::on_demand(zone, 0, HourlyRate(96_000_000));
//! let view = GroupView {
//!     configuration: &configuration,
//!     instances: &[],
//!     offers: &[offer(0), offer(1)],
//! };
//! let shortfall = view.shortfall(3);
//! assert_eq!((shortfall.on_demand, shortfall.spot), (3, 0));
//! // The caller launches the first that has room, adds its row, and asks again.
//! let ranked = view.rank_launches(PurchaseOption::OnDemand);
//! let zones: Vec<u32> = ranked.iter().map(|choice| choice.zone).collect();
//! assert_eq!(zones, [0, 1]);
//! ```

mod allocation;
mod configuration;
mod group;
mod launch;
#[cfg(test)]
mod properties;
mod rebalance;
mod replace;
mod terminate;
#[cfg(test)]
mod testing;
mod warm_pool;

pub use configuration::{
    GroupConfiguration, InstanceRefresh, InstancesDistribution, OnDemandAllocationStrategy,
    ScheduledAction, SpotAllocationStrategy, TerminationPolicy, WarmPool, WarmPoolState,
};
pub use group::{GroupInstance, GroupView, LifecycleState, Offer, SpotOffer};
pub use launch::{LaunchChoice, Shortfall};
pub use replace::{RefreshCounts, RefreshStep, refresh_step};
pub use warm_pool::WarmPoolChange;
