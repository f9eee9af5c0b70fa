//! What is billed beside instances and tasks.

use serde::Deserialize;

/// An item of `catalog/other-prices.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PricedItem {
    /// An Application Load Balancer for an hour or a part of one.
    ApplicationLoadBalancer,
    /// A capacity unit of one for an hour.
    ApplicationLoadBalancerLcu,
    /// A Network Load Balancer for an hour or a part of one.
    NetworkLoadBalancer,
    /// A capacity unit of one for an hour.
    NetworkLoadBalancerNlcu,
    /// A public IPv4 address for an hour.
    #[serde(rename = "public-ipv4")]
    PublicIpv4,
    /// A GB of a gp3 volume for a month of 730 hours.
    Gp3,
    /// An external instance for an hour.
    EcsAnywhere,
}
