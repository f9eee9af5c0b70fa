//! Tasks on Fargate: where they go, when they are refused, and how their capacity is taken back.

use crate::cloud::agent::{AgentSettings, Launch, StartPlan, plan_start};
use crate::cloud::fargate::{FargateSize, SPOT_WARNING, TaskPulls, TokenBucket};
use crate::cloud::image_pull::{Image, PullOutcome, PullRequest};
use crate::kernel::{StreamFamily, Streams};
use crate::model::{
    FargateCapacity, FargatePlace, FargatePlatform, FargateZoneId, PurchaseOption, Stop,
    StoppedReason, TaskDefinitionId, TaskId, TaskStatus, TaskStopCode, TemplateId,
};
use crate::placement::{Reason, Reasons};
use crate::scenario::{Extent, Scenario};
use crate::units::{CpuUnits, Millis, Resources, SimTime, id, index};

use super::capacity::fargate_of;
use super::{Event, Observer, Record, Simulation};

/// Fargate has no agent settings of the user's.
pub(super) const AGENT_SETTINGS: AgentSettings = AgentSettings {
    start_timeout: None,
    stop_timeout: None,
};

/// Fargate as it is.
pub(super) struct Fargate {
    buckets: [TokenBucket; 2],
    /// By capacity and zone: how many incidents keep tasks from starting.
    refusing: [Vec<u32>; 2],
    /// By entry or service.
    provisioning_draws: Vec<StreamFamily>,
    /// The same for how long a task keeps its Fargate Spot capacity.
    spot_draws: Vec<StreamFamily>,
    /// When those that wait for the launch rate are tried again.
    retry_at: Option<SimTime>,
}

impl Fargate {
    pub(super) fn new(scenario: &Scenario, streams: &Streams) -> Self {
        let bucket = || TokenBucket::new(scenario.fargate.settings.launch_quota);
        let families = |purpose: &'static str| {
            let names = scenario.entry_names();
            names
                .map(|name| streams.family(purpose, &format!("{name}/")))
                .collect()
        };
        let zones = zones(scenario).len();
        Self {
            buckets: [bucket(), bucket()],
            refusing: [vec![0; zones], vec![0; zones]],
            provisioning_draws: families("fargate"),
            spot_draws: families("fargate-spot"),
            retry_at: None,
        }
    }

    /// Whether incidents keep tasks from starting in a place.
    pub(super) fn refuses(&self, place: FargatePlace) -> bool {
        self.refusing[place.capacity.index()][place.zone.index()] > 0
    }
}

/// The zones of Fargate tasks: those of tasks that name no subnets, then those that are named.
pub(super) fn zones(scenario: &Scenario) -> Vec<String> {
    let mut zones = scenario.fargate.settings.availability_zones.clone();
    let entries = scenario
        .tasks
        .iter()
        .filter(|entry| scenario.runs_on_fargate(&entry.capacity));
    let services = scenario.services.iter();
    let services = services.filter(|service| scenario.runs_on_fargate(&service.capacity));
    let named = entries
        .flat_map(|entry| &entry.subnet_zones)
        .chain(services.flat_map(|service| &service.subnet_zones));
    for zone in named {
        if !zones.contains(zone) {
            zones.push(zone.clone());
        }
    }
    zones
}

/// What a task on Fargate has: the size that holds what it asks for. One that no size holds keeps
/// its needs, and is refused.
pub(super) fn needs_on_fargate(
    scenario: &Scenario,
    definition: Option<TaskDefinitionId>,
    needs: Resources,
) -> Resources {
    let definition = definition.map(|id| &scenario.task_definitions[id.index()]);
    let platform = FargatePlatform::of(definition);
    match FargateSize::at_least(platform, needs.cpu, needs.memory) {
        Some(size) => Resources {
            cpu: size.cpu,
            memory: size.memory,
            gpus: needs.gpus,
            enis: 1,
        },
        None => needs,
    }
}

impl Simulation<'_> {
    /// Where a task goes: the zone with the fewest tasks of its group on the same capacity, the
    /// first of equals (Developer Guide: best-effort spread, `FARGATE` and `FARGATE_SPOT` apart).
    pub(super) fn find_on_fargate(
        &self,
        capacity: FargateCapacity,
        template: TemplateId,
        needs: &Resources,
    ) -> Result<FargatePlace, Reasons> {
        if !self.could_run_on_fargate(capacity, needs) {
            let reason = if is_size(needs) {
                Reason::FargateVcpuLimit
            } else {
                Reason::FargateSize
            };
            return Err(Reasons::only(reason));
        }
        let (settings, tasks) = (&self.scenario.fargate.settings, self.cluster.fargate());
        let CpuUnits(cpu) = needs.cpu;
        let in_use = tasks.cpu_in_use(capacity) + u64::from(cpu);
        if settings
            .cpu_quota(capacity)
            .is_some_and(|quota| in_use > quota)
        {
            return Err(Reasons::only(Reason::FargateVcpuLimit));
        }
        let to_run = tasks.cpu_to_run(capacity) + u64::from(cpu);
        let (available, lasting) = match capacity {
            FargateCapacity::OnDemand => (None, None),
            FargateCapacity::Spot => {
                let spot = &settings.spot;
                (spot.available_at(self.now), spot.lasting_at(self.now))
            }
        };
        let exceeds = |limit: Option<u64>, cpu: u64| limit.is_some_and(|limit| cpu > limit);
        if exceeds(available, in_use) || exceeds(lasting, to_run) {
            return Err(Reasons::only(Reason::FargateCapacity));
        }
        let group = self.placer.template(template).group;
        self.fargate_places(capacity, template)
            .min_by_key(|place| tasks.of_group(group, *place))
            .ok_or(Reasons::only(Reason::FargateCapacity))
    }

    /// The zones of a template in which nothing keeps its tasks from starting: those of its
    /// subnets, else the default ones.
    pub(super) fn fargate_places(
        &self,
        capacity: FargateCapacity,
        template: TemplateId,
    ) -> impl Iterator<Item = FargatePlace> {
        let allowed = match self.placer.template(template).subnet_zones.as_slice() {
            [] => &self.scenario.fargate.settings.availability_zones,
            named => named,
        };
        let zones = self.cluster.fargate().zones();
        zones
            .filter(|(_, name)| allowed.iter().any(|zone| zone == name))
            .map(move |(zone, _)| FargatePlace { capacity, zone })
            .filter(|place| !self.fargate.refuses(*place))
    }

    /// Whether Fargate could ever run a task with these needs.
    pub(super) fn could_run_on_fargate(
        &self,
        capacity: FargateCapacity,
        needs: &Resources,
    ) -> bool {
        let quota = self.scenario.fargate.settings.cpu_quota(capacity);
        is_size(needs) && quota.is_none_or(|quota| u64::from(needs.cpu.0) <= quota)
    }

    /// When the launch rate lets the next task start.
    pub(super) fn fargate_ready_at(&mut self, capacity: FargateCapacity) -> SimTime {
        self.fargate.buckets[capacity.index()].ready_at(self.now)
    }

    /// One attempt for a task of an entry.
    pub(super) fn attempt_on_fargate(
        &mut self,
        task: TaskId,
        observer: &mut impl Observer,
    ) -> Result<(), Reasons> {
        let row = self.cluster.task(task);
        let scope = self.placer.template(row.template).capacity;
        let capacity = fargate_of(self.scenario, scope).expect("a task on Fargate");
        let found = self.find_on_fargate(capacity, row.template, &row.needs);
        let ready_at = self.fargate_ready_at(capacity);
        let found = if ready_at > self.now {
            self.retry_waiting_at(ready_at);
            found.and(Err(Reasons::only(Reason::FargateThrottled)))
        } else {
            found
        };
        match found {
            Ok(place) => {
                self.place_on_fargate(task, place, observer);
                Ok(())
            }
            Err(reasons) => {
                let record = Record::AttemptRefused {
                    task,
                    reasons,
                    nearest_miss: None,
                };
                observer.record(self.now, &record, &self.cluster);
                Err(reasons)
            }
        }
    }

    fn retry_waiting_at(&mut self, at: SimTime) {
        if self
            .fargate
            .retry_at
            .is_none_or(|known| known <= self.now || at < known)
        {
            self.fargate.retry_at = Some(at);
            self.schedule(at, Event::WaitingTried);
        }
    }

    /// A task gets its place: its host is found and its network interface attached, then its
    /// images are pulled.
    pub(super) fn place_on_fargate(
        &mut self,
        task: TaskId,
        place: FargatePlace,
        observer: &mut impl Observer,
    ) {
        self.fargate.buckets[place.capacity.index()].take();
        self.cluster.place_on_fargate(task, place, self.now);
        self.reclassify(task);
        let record = Record::TaskPlacedOnFargate { task };
        observer.record(self.now, &record, &self.cluster);
        let settings = &self.scenario.fargate.settings;
        let row = self.cluster.task(task);
        let (entry, number, attempt) = (row.entry.index(), row.number, row.attempt);
        let kept = match place.capacity {
            FargateCapacity::OnDemand => None,
            FargateCapacity::Spot => {
                let draws = &self.fargate.spot_draws[entry];
                settings.spot.draw(|| draws.open_attempt(number, attempt))
            }
        };
        if let Some(span) = kept {
            self.schedule_for(task, span, Event::FargateSpotWarning);
        }
        let mut stream = self.fargate.provisioning_draws[entry].open_attempt(number, attempt);
        let span = settings.provisioning.sample(&mut stream);
        if span == Millis::ZERO {
            self.launch(task, observer);
        } else {
            self.schedule_for(task, span, Event::FargateProvisioned);
        }
    }

    /// Plans the start of a task whose images are pulled anew.
    pub(super) fn plan_start_on_fargate(
        &self,
        launch: &Launch<'_>,
        request: PullRequest,
    ) -> StartPlan {
        let scenario = self.scenario;
        let containers = launch
            .definition
            .map_or(&[][..], |definition| &definition.containers);
        let image_of = |place: usize| -> Option<&Image> {
            let name = &containers.get(place)?.image;
            scenario.images.iter().find(|image| image.name == *name)
        };
        let pulls = &scenario.fargate.settings.pulls;
        let mut pulls = TaskPulls::new(pulls, &scenario.image_pull);
        plan_start(launch, &mut |place, after| match image_of(place) {
            Some(image) => pulls.pull(image, &PullRequest { after, ..request }),
            None => PullOutcome::AT_ONCE,
        })
    }

    /// The warning comes: the stop signal at once, SIGKILL after the stop timeout, no more
    /// requests. The service, if one owns the task, starts another where there is capacity. One
    /// that is leaving its target groups already has been asked to stop for another reason, which
    /// stays; it gets the signal now.
    pub(super) fn interrupt_on_fargate(&mut self, task: TaskId, observer: &mut impl Observer) {
        if self.cluster.task(task).last_status.is_deactivating() {
            self.cut_deregistration_short(task, SPOT_WARNING, observer);
            return;
        }
        let stop = Stop {
            code: TaskStopCode::SpotInterruption,
            reason: StoppedReason::SpotTaskInterrupted,
        };
        self.stop_at_once(task, stop, observer);
    }

    /// What Fargate Spot has for us has changed, or is about to fall: the youngest tasks that are
    /// too many are warned, those first that are leaving their target groups already.
    pub(super) fn fargate_spot_changes(&mut self, observer: &mut impl Observer) {
        if let Some(lasting) = self.scenario.fargate.settings.spot.lasting_at(self.now) {
            let (leaving, staying): (Vec<_>, Vec<_>) = self
                .spot_tasks_without_signal()
                .into_iter()
                .partition(|task| self.cluster.task(*task).last_status.is_deactivating());
            let mut tasks = [staying, leaving].concat();
            let cpu = |task: &TaskId| u64::from(self.cluster.task(*task).needs.cpu.0);
            let mut kept: u64 = tasks.iter().map(cpu).sum();
            while kept > lasting
                && let Some(task) = tasks.pop()
            {
                kept -= u64::from(self.cluster.task(task).needs.cpu.0);
                self.interrupt_on_fargate(task, observer);
            }
        }
        self.fargate_may_fit();
    }

    /// An incident takes Fargate Spot capacity back: tasks drawn at random are warned.
    pub(super) fn reclaim_fargate_spot(
        &mut self,
        incident: u32,
        extent: Extent,
        observer: &mut impl Observer,
    ) {
        let mut tasks = self.spot_tasks_without_signal();
        let count = match extent {
            Extent::Share(share) => share.of(u64::from(id(tasks.len()))),
            Extent::Count(count) => u64::from(count),
        };
        let name = &self.scenario.incidents[index(incident)].name;
        let mut stream = self.streams.open("incident", name);
        stream.shuffle(&mut tasks);
        tasks.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        for task in tasks {
            self.interrupt_on_fargate(task, observer);
        }
    }

    /// Fargate Spot tasks whose containers have got no stop signal, the oldest first.
    fn spot_tasks_without_signal(&self) -> Vec<TaskId> {
        let live = self.cluster.live_tasks();
        let mut tasks: Vec<_> = live
            .filter(|(_, row)| {
                let on = row.fargate.map(|place| place.capacity);
                on == Some(FargateCapacity::Spot) && row.last_status.has_no_stop_signal()
            })
            .map(|(task, row)| (row.placed_at, row.serial, task))
            .collect();
        tasks.sort_unstable();
        tasks.into_iter().map(|(.., task)| task).collect()
    }

    /// A zone is lost, or an incident keeps tasks from starting: on both capacities or one, in all
    /// zones or one. `is_over` takes it back.
    pub(super) fn fargate_refuses(
        &mut self,
        only: Option<PurchaseOption>,
        zone: Option<&str>,
        is_over: bool,
    ) {
        let zones = self.cluster.fargate().zones();
        let struck: Vec<FargateZoneId> = zones
            .filter(|(_, name)| zone.is_none_or(|zone| zone == *name))
            .map(|(zone, _)| zone)
            .collect();
        for capacity in FargateCapacity::ALL {
            if only.is_some_and(|only| only != capacity.purchase_option()) {
                continue;
            }
            for zone in &struck {
                let count = &mut self.fargate.refusing[capacity.index()][zone.index()];
                *count = if is_over { *count - 1 } else { *count + 1 };
            }
        }
        if is_over {
            self.fargate_may_fit();
        }
    }

    /// The tasks of a zone that is lost end with it.
    pub(super) fn lose_fargate_zone(&mut self, zone: &str, observer: &mut impl Observer) {
        self.fargate_refuses(None, Some(zone), false);
        let live = self.cluster.live_tasks();
        let mut lost: Vec<TaskId> = live
            .filter(|(_, row)| row.fargate.is_some() && self.cluster.zone_of(row) == Some(zone))
            .map(|(task, _)| task)
            .collect();
        self.cluster.sort_by_submission(&mut lost);
        for task in lost {
            self.end_with_host(task, StoppedReason::FargateZoneLost, observer);
        }
    }

    /// Hosts are retired: of the tasks that were placed before the notice those of services are
    /// replaced, start before stop; the others are stopped.
    pub(super) fn retire_fargate_tasks(&mut self, retirement: u32, observer: &mut impl Observer) {
        let retirements = &self.scenario.fargate.settings.retirements;
        let notice_at = retirements[index(retirement)].notice_at;
        let live = self.cluster.live_tasks();
        let mut old: Vec<TaskId> = live
            .filter(|(_, row)| {
                let placed_before = row.placed_at.is_some_and(|at| at < notice_at);
                row.fargate.is_some() && placed_before && row.last_status.is_to_run()
            })
            .map(|(task, _)| task)
            .collect();
        self.cluster.sort_by_submission(&mut old);
        for task in old {
            if !self.retire_service_task(task) {
                let stop = Stop {
                    code: TaskStopCode::TerminationNotice,
                    reason: StoppedReason::FargateMaintenance,
                };
                self.stop_task(task, stop, observer);
            }
        }
    }

    /// There may be capacity where there was none.
    fn fargate_may_fit(&mut self) {
        self.waiting_may_fit();
        self.services_may_fit();
    }
}

/// Whether a task is of a size that Fargate has; which platforms have it was checked before.
fn is_size(needs: &Resources) -> bool {
    needs.gpus == 0
        && FargateSize::exactly(FargatePlatform::LinuxX86, needs.cpu, needs.memory).is_some()
}

/// Whether a status is PENDING.
pub(super) const fn is_pending(status: TaskStatus) -> bool {
    matches!(status, TaskStatus::Pending)
}
