//! Auto Scaling groups and their capacity providers.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;

use super::{TYPES, ZONES};

const ALLOCATIONS: [&str; 5] = [
    "lowest-price, spotInstancePools: 1",
    "diversified",
    "capacity-optimized",
    "capacity-optimized-prioritized",
    "price-capacity-optimized",
];
const POLICIES: [&str; 7] = [
    "Default",
    "AllocationStrategy",
    "OldestLaunchTemplate",
    "ClosestToNextInstanceHour",
    "NewestInstance",
    "OldestInstance",
    "Default",
];
const REFRESHES: [&str; 5] = [
    "{minHealthyPercentage: 90}",
    "{minHealthyPercentage: 100, maxHealthyPercentage: 100}",
    "{minHealthyPercentage: 100, maxHealthyPercentage: 150, instanceWarmup: 60}",
    "{minHealthyPercentage: 0, maxHealthyPercentage: 100}",
    "{minHealthyPercentage: 50, maxHealthyPercentage: 120, instanceWarmup: 300}",
];
const WARM_POOLS: [&str; 3] = [
    "{minSize: 1, poolState: Stopped}",
    "{maxGroupPreparedCapacity: 6, poolState: Running}",
    "{poolState: Hibernated}",
];
const SCALING: [&str; 5] = [
    "{status: DISABLED}",
    "{targetCapacity: 100, instanceWarmupPeriod: 0}",
    "{targetCapacity: 70, instanceWarmupPeriod: 60}",
    "{minimumScalingStepSize: 2, maximumScalingStepSize: 3, instanceWarmupPeriod: 30}",
    "{}",
];

/// How instances are paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purchase {
    OnDemand,
    Spot,
    /// Base, percentage above it, allocation strategy.
    Mixed(u32, u32, usize),
}

/// A scheduled action: minute, minimum and what the maximum is above it, desired capacity.
type Action = (u32, Option<(u32, u32)>, u32);

/// An Auto Scaling group, with its provider where it has one.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// `minSize`, what the desired capacity is above it, what `maxSize` is above that.
    sizes: [u32; 3],
    zones: usize,
    /// Places in [`TYPES`].
    types: Vec<usize>,
    purchase: Purchase,
    policy: usize,
    /// `capacityRebalance`, protection from scale-in, `spotInstanceDraining`.
    flags: [bool; 3],
    hook: bool,
    warm_pool: Option<usize>,
    /// Minute and preferences.
    refreshes: Vec<(u32, usize)>,
    actions: Vec<Action>,
    /// Managed scaling, managed draining.
    provider: Option<(usize, bool)>,
}

pub(super) fn group() -> impl Strategy<Value = Group> {
    let types = prop::sample::subsequence(vec![0_usize, 1, 2], 1..=3);
    let mixed = (
        0_u32..4,
        select(&[0_u32, 30, 60, 100][..]),
        0..ALLOCATIONS.len(),
    );
    let purchase = prop_oneof![
        Just(Purchase::OnDemand),
        Just(Purchase::Spot),
        mixed.prop_map(|(base, percentage, strategy)| Purchase::Mixed(base, percentage, strategy)),
    ];
    let made = (
        [0_u32..3, 0_u32..4, 0_u32..7],
        1_usize..4,
        types,
        purchase,
        0..POLICIES.len(),
    );
    let sizes = prop::option::of((0_u32..4, 0_u32..6));
    let done = (
        prop::option::of(0..WARM_POOLS.len()),
        prop::collection::vec((1_u32..50, 0..REFRESHES.len()), 0..3),
        prop::collection::vec((1_u32..55, sizes, 0_u32..9), 0..3),
    );
    let provider = prop::option::weighted(0.8, (0..SCALING.len(), any::<bool>()));
    (made, any::<[bool; 3]>(), any::<bool>(), done, provider).prop_map(
        |((sizes, zones, types, purchase, policy), flags, hook, done, provider)| Group {
            sizes,
            zones,
            types,
            purchase,
            policy,
            flags,
            hook,
            warm_pool: done.0,
            refreshes: done.1,
            actions: done.2,
            provider,
        },
    )
}

impl Group {
    /// Whether it may launch Spot Instances of a type.
    pub(super) fn launches_spot(&self, of: usize) -> bool {
        match self.purchase {
            Purchase::OnDemand | Purchase::Mixed(_, 100, _) => false,
            Purchase::Spot => self.types.first() == Some(&of),
            Purchase::Mixed(..) => self.types.contains(&of),
        }
    }

    pub(super) fn has_provider(&self) -> bool {
        self.provider.is_some()
    }

    /// Its entry of `autoScalingGroups`.
    pub(super) fn text(&self, number: usize) -> String {
        let [min, more, room] = self.sizes;
        let desired = min + more;
        let max = (desired + room).max(1);
        let zones = ZONES[..self.zones].join(", ");
        let [rebalance, protected, draining] = self.flags;
        let mut text = format!(
            "  - autoScalingGroupName: g{number}
    minSize: {min}
    maxSize: {max}
    desiredCapacity: {desired}
    availabilityZones: [{zones}]
    terminationPolicies: [{}]
    capacityRebalance: {rebalance}
    newInstancesProtectedFromScaleIn: {protected}
{}",
            POLICIES[self.policy],
            self.launches(draining)
        );
        if self.hook {
            text.push_str("    terminationHook: {heartbeatTimeout: 4m}\n");
        }
        if let (Some(pool), Purchase::OnDemand) = (self.warm_pool, self.purchase) {
            let pool = WARM_POOLS[pool];
            let _ = writeln!(text, "    warmPool: {pool}");
        }
        let mut refreshes = String::new();
        for (minute, preferences) in &self.refreshes {
            let preferences = REFRESHES[*preferences];
            let _ = writeln!(
                refreshes,
                "      - {{at: {minute}m, preferences: {preferences}}}"
            );
        }
        let mut actions = String::new();
        for (minute, sizes, desired) in &self.actions {
            let _ = write!(
                actions,
                "      - {{at: {minute}m, desiredCapacity: {desired}"
            );
            if let Some((min, room)) = sizes {
                let max = (min + room).max(1);
                let _ = write!(actions, ", minSize: {min}, maxSize: {max}");
            }
            actions.push_str("}\n");
        }
        for (name, entries) in [
            ("instanceRefreshes", refreshes),
            ("scheduledActions", actions),
        ] {
            if !entries.is_empty() {
                let _ = write!(text, "    {name}:\n{entries}");
            }
        }
        text
    }

    /// What it launches.
    fn launches(&self, draining: bool) -> String {
        let first = TYPES[self.types[0]];
        let draining = format!("spotInstanceDraining: {draining}");
        match self.purchase {
            Purchase::OnDemand => format!("    instanceType: {first}\n"),
            Purchase::Spot => format!(
                "    launchTemplate: {{instanceType: {first}, purchaseOption: spot, {draining}}}\n"
            ),
            Purchase::Mixed(base, percentage, strategy) => {
                let overrides: Vec<String> = self
                    .types
                    .iter()
                    .map(|of| format!("{{instanceType: {}}}", TYPES[*of]))
                    .collect();
                format!(
                    "    mixedInstancesPolicy:
      launchTemplate: {{overrides: [{}], {draining}}}
      instancesDistribution:
        {{onDemandBaseCapacity: {base}, onDemandPercentageAboveBaseCapacity: {percentage},
         spotAllocationStrategy: {}}}\n",
                    overrides.join(", "),
                    ALLOCATIONS[strategy]
                )
            }
        }
    }

    /// Its entry of `capacityProviders`, if it has one.
    pub(super) fn provider(&self, number: usize) -> String {
        let Some((scaling, draining)) = self.provider else {
            return String::new();
        };
        let draining = if draining { "ENABLED" } else { "DISABLED" };
        let protected = self.flags[1] && scaling > 0;
        let protection = if protected { "ENABLED" } else { "DISABLED" };
        format!(
            "  - name: p{number}
    autoScalingGroupProvider:
      autoScalingGroupName: g{number}
      managedScaling: {}
      managedDraining: {draining}
      managedTerminationProtection: {protection}\n",
            SCALING[scaling]
        )
    }
}
