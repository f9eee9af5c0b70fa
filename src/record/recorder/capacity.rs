//! What befalls groups, capacity providers and Spot Instances, in the digest and in the ledgers.

use crate::control::managed_scaling::{ManagedScalingDecision, ManagedScalingMinute};
use crate::model::{
    AutoScalingGroupId, CapacityProviderId, Cluster, ContainerInstanceId, EndReason,
    InstanceSource, Profile, SpotPoolId,
};
use crate::record::instances::InstanceFacts;
use crate::simulation::GroupCounts;
use crate::units::{Resources, SimTime};

use super::changes::{end_word, pair};
use super::{Recorder, tag};

impl Recorder {
    /// What is known of an instance of a profile, before it registers.
    pub(super) fn facts_of(
        &self,
        id: ContainerInstanceId,
        profile: &Profile,
        launched_at: SimTime,
        cluster: &Cluster,
    ) -> InstanceFacts {
        let instance_type = &cluster.instance_types()[profile.instance_type.index()];
        InstanceFacts {
            id,
            instance_type: instance_type.name.clone(),
            availability_zone: profile.availability_zone().to_owned(),
            purchase_option: profile.purchase_option,
            capacity_provider: self.prices.provider_name(profile.capacity_provider),
            source: profile.source,
            price: self.prices.of_instance(profile.source),
            on_demand: self.prices.on_demand(profile.source),
            registered: Resources::default(),
            launched_at,
            registered_at: None,
        }
    }

    /// An instance was RUNNING and never registered: it is billed all the same.
    pub(super) fn instance_not_registered(
        &mut self,
        at: SimTime,
        profile: &Profile,
        launched_at: SimTime,
        ended: Option<EndReason>,
        cluster: &Cluster,
    ) {
        let word = ended.map_or(u64::MAX, end_word);
        self.fold(at, tag::INSTANCE_NOT_REGISTERED, word, launched_at.0);
        // It gets the id that follows those of all that have registered, at the end.
        let facts = self.facts_of(ContainerInstanceId(0), profile, launched_at, cluster);
        if let Some(reason) = ended {
            self.incidents
                .instance_ended(at, pool_of(profile), reason, 0);
        }
        let terminated = ended.map(|reason| (at, reason));
        if ended.is_some() {
            self.sampler.never_registered(facts.cost(at, ended));
        }
        self.instances.never_registers(facts, terminated);
    }

    pub(super) fn group_counted(
        &mut self,
        at: SimTime,
        group: AutoScalingGroupId,
        counts: GroupCounts,
    ) {
        let words = pair(counts.desired, counts.pending);
        self.fold(at, tag::GROUP_COUNTED, u64::from(group.0), words);
        self.digest
            .update(pair(counts.in_service, counts.terminating));
        self.digest.update(u64::from(counts.warmed));
        self.capacity.group_counted(at, group, counts);
        self.incidents.group_counted(at, group, counts.desired);
    }

    pub(super) fn launch_failed(
        &mut self,
        at: SimTime,
        group: AutoScalingGroupId,
        on_demand: u32,
        spot: u32,
    ) {
        let lacking = pair(on_demand, spot);
        self.fold(at, tag::LAUNCH_FAILED, u64::from(group.0), lacking);
        self.capacity.launch_failed(at, group, spot);
        self.incidents.launch_failed();
    }

    pub(super) fn rebalance_recommended(
        &mut self,
        at: SimTime,
        pool: SpotPoolId,
        instance: Option<ContainerInstanceId>,
    ) {
        let word = instance.map_or(u64::MAX, |instance| u64::from(instance.0));
        self.fold(at, tag::REBALANCE_RECOMMENDED, u64::from(pool.0), word);
        self.capacity.rebalance_recommended(at, pool);
    }

    pub(super) fn spot_notice(
        &mut self,
        at: SimTime,
        pool: SpotPoolId,
        instance: Option<ContainerInstanceId>,
        takes_back_at: SimTime,
    ) {
        let word = instance.map_or(u64::MAX, |instance| u64::from(instance.0));
        self.fold(at, tag::SPOT_NOTICE, u64::from(pool.0), word);
        self.digest.update(takes_back_at.0);
        self.capacity.spot_notice(at, pool);
    }

    pub(super) fn provider_minute(
        &mut self,
        at: SimTime,
        provider: CapacityProviderId,
        minute: &ManagedScalingMinute,
    ) {
        let seen = pair(minute.running, minute.needed);
        self.fold(at, tag::PROVIDER_MINUTE, u64::from(provider.0), seen);
        let decided = match minute.decision {
            ManagedScalingDecision::None => 0,
            ManagedScalingDecision::HeldBack => 1,
            ManagedScalingDecision::ScaleOut { to } => pair(2, to),
            ManagedScalingDecision::ScaleIn { to } => pair(3, to),
        };
        self.digest.update(decided);
        self.capacity.provider_minute(provider, minute);
    }
}

/// The Spot pool that instances of a profile come from.
pub(super) fn pool_of(profile: &Profile) -> Option<SpotPoolId> {
    match profile.source {
        InstanceSource::Group { pool, .. } => pool,
        InstanceSource::Fleet(_) => None,
    }
}
