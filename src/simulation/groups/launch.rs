//! An instance of a group comes: asked for, RUNNING, registered.

use crate::cloud::auto_scaling::{GroupInstance, LaunchChoice, LifecycleState, Offer, SpotOffer};
use crate::cloud::spot::SpotRequestId;
use crate::model::{
    AutoScalingGroupId, ContainerInstance, InstanceSource, LaunchType, Profile, ProfileId,
    PurchaseOption, SpotPoolId,
};
use crate::scenario::IncidentKind;
use crate::simulation::{Event, Observer, Record, Simulation, setup};
use crate::units::{SimTime, index};

use super::{LaunchRef, Member};

impl Simulation<'_> {
    /// What can be launched of each type in each zone of a group.
    pub(super) fn offers(&self, group: AutoScalingGroupId) -> Vec<Offer> {
        let spec = self.group_spec(group);
        let mut offers = Vec::new();
        for (zone, name) in (0..).zip(&spec.configuration.availability_zones) {
            if self
                .groups
                .zones_lost
                .get(name)
                .is_some_and(|lost| *lost > 0)
            {
                continue;
            }
            for (place, of) in (0..).zip(&spec.types) {
                let pool = self.group(group).pools[index(zone)][index(place)];
                let spot = pool.map(|pool| SpotOffer {
                    price: self.spot.price(pool, self.now),
                    depth: self.spot.depth(pool, self.now),
                });
                offers.push(Offer {
                    spot,
                    ..Offer::on_demand(zone, place, of.on_demand)
                });
            }
        }
        offers
    }

    /// Asks EC2 for an instance of a purchase option. `false` when no pool has room
    /// (InsufficientInstanceCapacity).
    pub(super) fn launch_instance(
        &mut self,
        group: AutoScalingGroupId,
        option: PurchaseOption,
    ) -> bool {
        let ranked = {
            let (offers, state) = (self.offers(group), self.group(group));
            let view = self.group_view(group, &state.rows, &offers);
            view.rank_launches(option)
        };
        let mut ranked = ranked.iter();
        ranked.any(|choice| self.launch_choice(group, choice))
    }

    /// Asks EC2 for this instance. `false` when it has no room.
    pub(super) fn launch_choice(
        &mut self,
        group: AutoScalingGroupId,
        choice: &LaunchChoice,
    ) -> bool {
        if choice.purchase_option != PurchaseOption::Spot {
            let refused = self.is_on_demand_refused(group, choice);
            if !refused {
                self.ask_for(group, choice, None);
            }
            return !refused;
        }
        let spec = self.group_spec(group);
        let of = &spec.types[index(choice.instance_type)];
        let most = spec.configuration.distribution.max_price(of.on_demand);
        let pool = self.pool_of(group, choice);
        let request = pool.and_then(|pool| self.spot.launch(pool, most, self.now));
        if request.is_some() {
            self.ask_for(group, choice, request);
        }
        request.is_some()
    }

    pub(super) fn pool_of(
        &self,
        group: AutoScalingGroupId,
        choice: &LaunchChoice,
    ) -> Option<SpotPoolId> {
        self.group(group).pools[index(choice.zone)][index(choice.instance_type)]
    }

    pub(super) fn ask_for(
        &mut self,
        group: AutoScalingGroupId,
        choice: &LaunchChoice,
        request: Option<SpotRequestId>,
    ) {
        let pool = request.map(|request| request.pool);
        let now = self.now;
        let profile = self.profile_of(group, choice, pool);
        let configuration = &self.group_spec(group).configuration;
        let protected = configuration.new_instances_protected_from_scale_in;
        let grows = self.grows(group);
        let state = self.group_mut(group);
        state.launches += 1;
        let number = state.launches;
        state.rows.push(GroupInstance {
            zone: choice.zone,
            instance_type: choice.instance_type,
            purchase_option: choice.purchase_option,
            launched_at: now,
            launch_template_version: state.template_version,
            protected_from_scale_in: protected,
            lifecycle_state: LifecycleState::Pending,
        });
        state.members.push(Member {
            number,
            profile,
            request,
            running_since: None,
            instance: None,
            ends: None,
            taken_back_at: None,
            at_risk: false,
            warm: false,
            spare_since: None,
            grows,
        });
        let mut stream = state.latency_draws.open(number);
        let launch = self
            .scenario
            .capacity_options
            .instance_launch
            .sample(&mut stream);
        let reference = LaunchRef { group, number };
        if let Some(request) = request {
            self.spot_launched(request, reference);
        }
        self.schedule(now.saturating_add(launch), Event::InstanceRuns(reference));
    }

    /// Whether an incident keeps EC2 from launching On-Demand Instances there.
    pub(super) fn is_on_demand_refused(
        &self,
        group: AutoScalingGroupId,
        choice: &LaunchChoice,
    ) -> bool {
        let spec = self.group_spec(group);
        let instance_type = spec.types[index(choice.instance_type)].instance_type;
        let zone = &spec.configuration.availability_zones[index(choice.zone)];
        self.on_demand_refused.iter().any(|incident| {
            let kind = &self.scenario.incidents[index(*incident)].kind;
            matches!(
                kind,
                IncidentKind::OnDemandCapacityRefused { pools } if pools.has(instance_type, zone)
            )
        })
    }

    /// The profile of an instance that is launched so.
    pub(super) fn profile_of(
        &mut self,
        group: AutoScalingGroupId,
        choice: &LaunchChoice,
        pool: Option<SpotPoolId>,
    ) -> ProfileId {
        let key = (choice.zone, choice.instance_type, choice.purchase_option);
        if let Some(known) = self.group(group).profiles.get(&key) {
            return *known;
        }
        let spec = &self.scenario.auto_scaling_groups[group.index()];
        let of = &spec.types[index(choice.instance_type)];
        let zone = &spec.configuration.availability_zones[index(choice.zone)];
        let instance_type = &self.scenario.instance_types[of.instance_type.index()];
        let attributes = setup::attributes_of(self.scenario, &spec.settings, instance_type, zone);
        let profile = self.cluster.intern_profile(Profile {
            instance_type: of.instance_type,
            attributes,
            agent_version: spec.settings.agent_version.clone(),
            source: InstanceSource::Group {
                group,
                instance_type: choice.instance_type,
                pool,
            },
            launch_type: match spec.managed_instances {
                Some(_) => LaunchType::ManagedInstances,
                None => LaunchType::Ec2,
            },
            purchase_option: choice.purchase_option,
            capacity_provider: self.group(group).provider,
        });
        self.group_mut(group).profiles.insert(key, profile);
        profile
    }

    /// An instance is RUNNING: in service for its group, and billed from now on. Its agent
    /// registers later.
    pub(in crate::simulation) fn instance_runs(&mut self, launch: LaunchRef) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let options = &self.scenario.capacity_options;
        let state = &mut self.groups.list[launch.group.index()];
        let mut stream = state.latency_draws.open(launch.number);
        // The first draw of the stream was the launch.
        options.instance_launch.sample(&mut stream);
        let registration = options.agent_registration.sample(&mut stream);
        let warm_start = options.warm_start.sample(&mut stream);
        let (row, member) = (&mut state.rows[place], &mut state.members[place]);
        let (span, event): (_, fn(LaunchRef) -> Event) = match row.lifecycle_state {
            LifecycleState::WarmedPending => (registration, Event::WarmedUp),
            LifecycleState::Pending if member.warm => (warm_start, Event::InstanceRegisters),
            LifecycleState::Pending => (registration, Event::InstanceRegisters),
            // It was there at the start, or it is on its way out again.
            LifecycleState::InService | LifecycleState::Terminating | LifecycleState::Warmed => {
                return;
            }
        };
        member.running_since.get_or_insert(self.now);
        row.launched_at = self.now;
        if row.lifecycle_state == LifecycleState::Pending {
            row.lifecycle_state = LifecycleState::InService;
            if member.grows {
                state.latest_growth = Some(self.now);
            }
            self.note_refresh_warmup(launch.group);
            self.group_looks(launch.group);
        }
        self.schedule(self.now.saturating_add(span), event(launch));
    }

    /// The agent of an instance registers it with the cluster.
    pub(in crate::simulation) fn instance_registers(
        &mut self,
        launch: LaunchRef,
        observer: &mut impl Observer,
    ) {
        let Some(place) = self.place_of(launch) else {
            return;
        };
        let (row, member) = {
            let state = self.group(launch.group);
            (state.rows[place], state.members[place])
        };
        if row.lifecycle_state == LifecycleState::Terminating {
            return;
        }
        let spec = &self.scenario.auto_scaling_groups[launch.group.index()];
        let of = &spec.types[index(row.instance_type)];
        let instance_type = &self.scenario.instance_types[of.instance_type.index()];
        let settings = &spec.settings;
        let registered =
            setup::registered(self.scenario, settings, instance_type, of.registered_memory);
        let mut new = ContainerInstance::new(
            member.profile,
            settings.agent_connected,
            self.now,
            registered,
            setup::ports(settings),
        );
        new.launched_at = member.running_since.unwrap_or(self.now);
        let instance = self.cluster.register(new);
        self.group_mut(launch.group).members[place].instance = Some(instance);
        let by_instance = &mut self.groups.by_instance;
        by_instance.resize(instance.index() + 1, None);
        by_instance[instance.index()] = Some(launch);
        self.plans.instance_registers(instance, self.now);
        let record = Record::InstanceRegistered { instance };
        observer.record(self.now, &record, &self.cluster);
        if self.scenario.auto_scaling_groups[launch.group.index()]
            .configuration
            .max_instance_lifetime
            .is_some()
        {
            self.schedule_lifetime(launch);
        }
        if self.is_managed_by_ecs(launch.group) {
            self.group_looks(launch.group);
        }
        self.fleet_changed();
        if member.taken_back_at.is_some() {
            self.schedule(self.now, Event::SpotInstanceDrains(launch));
        }
    }

    /// Instances that are RUNNING at the end of the run and have not registered are billed, too.
    pub(in crate::simulation) fn tell_unregistered(&mut self, observer: &mut impl Observer) {
        for group in self.group_ids() {
            for place in 0..self.group(group).members.len() {
                let member = self.group(group).members[place];
                if let (None, Some(since)) = (member.instance, member.running_since) {
                    self.tell_not_registered(&member, since, None, observer);
                }
            }
        }
    }

    /// An instance was RUNNING and never registered.
    pub(super) fn tell_not_registered(
        &self,
        member: &Member,
        since: SimTime,
        ended: Option<crate::model::EndReason>,
        observer: &mut impl Observer,
    ) {
        let record = Record::InstanceNotRegistered {
            profile: member.profile,
            launched_at: since,
            ended,
        };
        observer.record(self.now, &record, &self.cluster);
    }

    /// Whether an instance that a group takes now makes it larger, and does not replace another.
    pub(super) fn grows(&self, group: AutoScalingGroupId) -> bool {
        self.capacity_of(group) >= self.group(group).grows_from
    }

    /// How many instances of a group count toward its desired capacity.
    pub(super) fn capacity_of(&self, group: AutoScalingGroupId) -> u32 {
        self.group(group).counts().capacity()
    }
}
