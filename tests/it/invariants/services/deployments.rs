//! The states of deployments.

use std::collections::BTreeMap;

use ecs_sim::control::{
    Deployment, DeploymentStatus, DeploymentStrategy, LifecycleStage, RolloutState,
};

/// Deployments of a service as they were told last, by number.
#[derive(Debug, Default)]
pub(super) struct Deployments {
    all: BTreeMap<u32, Deployment>,
}

impl Deployments {
    pub(super) fn primary(&self) -> Option<&Deployment> {
        let mut all = self.all.values();
        all.find(|deployment| deployment.status == DeploymentStatus::Primary)
    }

    pub(super) fn primaries(&self) -> usize {
        let all = self.all.values();
        all.filter(|deployment| deployment.status == DeploymentStatus::Primary)
            .count()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Deployment> {
        self.all.values()
    }

    /// Whether traffic is being shifted, so that two revisions stand at their full number.
    pub(super) fn is_shifting(&self) -> bool {
        self.primary().is_some_and(|deployment| {
            let rolling = deployment.strategy == DeploymentStrategy::Rolling;
            let before_clean_up = deployment
                .stage
                .is_some_and(|s| s < LifecycleStage::CleanUp);
            !rolling && before_clean_up
        })
    }

    /// A deployment has changed. Whether it has just been completed.
    pub(super) fn change(&mut self, now: &Deployment) -> bool {
        use DeploymentStatus::{Active, Inactive, Primary};
        use RolloutState::{Completed, Failed, InProgress};
        assert!(now.traffic <= 1_000);
        assert_eq!(now.finished_at.is_none(), now.rollout_state == InProgress);
        let Some(was) = self.all.insert(now.number, now.clone()) else {
            let numbers: Vec<u32> = self.all.keys().copied().collect();
            let last = u32::try_from(numbers.len()).expect("few deployments");
            assert_eq!(numbers, (1..=last).collect::<Vec<u32>>());
            assert_eq!((now.status, now.rollout_state), (Primary, InProgress));
            return false;
        };
        let comes_back = now.rolls_back != was.rolls_back;
        let legal = match (was.status, now.status) {
            (Active | Inactive, Primary) => comes_back,
            (Inactive, other) => other == Inactive,
            (Active | Primary, _) => true,
        };
        assert!(legal, "{:?} after {:?}", now.status, was.status);
        match (was.rollout_state, now.rollout_state) {
            (InProgress, Completed | Failed) => assert_eq!(was.status, Primary),
            (Completed, InProgress) => assert!(comes_back && now.status == Primary),
            (before, after) => assert_eq!(before, after),
        }
        assert!(now.tasks_started >= was.tasks_started && now.failures >= was.failures);
        was.rollout_state == InProgress && now.rollout_state == Completed
    }
}
