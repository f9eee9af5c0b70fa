//! What each event does: one handler, one subject.

use crate::kernel::{Stream, StreamFamily};
use crate::model::{
    CapacityProviderId, ContainerInstanceId, ContainerInstanceStatus, EntryId, LaunchType, Stop,
    Task, TaskId, TaskStopCode, TemplateId,
};
use crate::placement::{
    Draws, Reason, Reasons, Rejection, check, could_hold_when_empty, nearest_miss,
};
use crate::scenario::{StartTask, WhenFull};
use crate::units::{Resources, index};
use crate::workload::Submission;

use super::capacity::{fargate_of, launch_type_of};
use super::fargate::needs_on_fargate;
use super::provisioning::scope_of;
use super::waiting::{Line, Shape};
use super::{Event, Observer, Record, SetupError, ShapeFacts, Simulation};

/// For how many shapes the nearest miss is looked for: it takes a look at every instance, and no
/// summary shows more.
const NEAREST_MISSES: u32 = 256;

/// The stream (placement, task id), opened when something is drawn. Each decision opens it anew,
/// so that what it draws depends on the task and the cluster alone.
pub(super) struct TaskDraws<'a> {
    family: &'a StreamFamily,
    number: u64,
    attempt: u16,
    stream: Option<Stream>,
}

impl<'a> TaskDraws<'a> {
    pub(super) fn new(family: &'a StreamFamily, number: u64, attempt: u16) -> Self {
        Self {
            family,
            number,
            attempt,
            stream: None,
        }
    }
}

impl Draws for TaskDraws<'_> {
    fn below(&mut self, n: u64) -> u64 {
        self.stream
            .get_or_insert_with(|| self.family.open_attempt(self.number, self.attempt))
            .below(n)
    }
}

impl Simulation<'_> {
    /// A task is submitted: RunTask or StartTask.
    pub(super) fn submit(
        &mut self,
        submission: &Submission,
        observer: &mut impl Observer,
    ) -> Result<(), SetupError> {
        let scenario = self.scenario;
        let entry = &scenario.tasks[index(submission.entry)];
        let provider = self.provider_of_submission(submission);
        let scope = scope_of(&entry.capacity, provider);
        let template = self.template(submission.entry, submission.definition, scope)?;
        let task = self.take_in(submission, template, provider, observer);
        self.place_or_wait(task, observer);
        Ok(())
    }

    /// A task that is submitted is placed, waits, or is refused.
    fn place_or_wait(&mut self, task: TaskId, observer: &mut impl Observer) {
        let row = self.cluster.task(task);
        let entry = &self.scenario.tasks[row.entry.index()];
        if let Some(start_task) = &entry.start_task {
            self.start_on_named(task, start_task, observer);
            return;
        }
        let when_full = entry.when_full;
        let provider = row.capacity_provider;
        if provider.is_some_and(|provider| self.waits_in_provisioning(provider)) {
            self.try_or_provision(task, observer);
            return;
        }
        let shape = self.shape(task);
        match when_full {
            WhenFull::Fail => {
                if let Err(reasons) = self.attempt(task, observer) {
                    self.give_up(task, reasons, observer);
                }
            }
            WhenFull::Queue => self.try_or_wait(task, Line::Strict, observer),
            WhenFull::Backfill => self.try_or_wait(task, Line::Backfill(shape), observer),
        }
    }

    /// A standalone task has stopped. One that has not succeeded is submitted again by its client,
    /// once all else of the instant that frees room has happened, if it has attempts left.
    pub(super) fn note_retry(&mut self, task: &Task) {
        let Some(entry) = self.scenario.tasks.get(task.entry.index()) else {
            return;
        };
        let stop = task.stop.expect("a stopped task has a reason");
        let is_asked = matches!(
            stop.code,
            TaskStopCode::UserInitiated | TaskStopCode::ServiceSchedulerInitiated
        );
        if task.attempt < entry.attempts && stop != Stop::FINISHED && !is_asked {
            if self.retries.is_empty() {
                self.schedule(self.now, Event::TasksRetried);
            }
            self.retries.push(Task {
                attempt: task.attempt + 1,
                ..task.clone()
            });
        }
    }

    /// Clients submit what has not succeeded again, from the start.
    pub(super) fn retry_tasks(&mut self, observer: &mut impl Observer) {
        for failed in std::mem::take(&mut self.retries) {
            let serial = self.next_serial;
            self.next_serial += 1;
            let (template, group, needs) = (failed.template, failed.group, failed.needs);
            let task = self.cluster.submit(Task {
                entry: failed.entry,
                number: failed.number,
                attempt: failed.attempt,
                definition: failed.definition,
                launch_type: failed.launch_type,
                capacity_provider: failed.capacity_provider,
                runtime: failed.runtime,
                start_latency: failed.start_latency,
                stop_latency: failed.stop_latency,
                ..Task::waiting(serial, template, group, needs, self.now)
            });
            let record = Record::TaskSubmitted { task, name: None };
            observer.record(self.now, &record, &self.cluster);
            self.place_or_wait(task, observer);
        }
    }

    fn take_in(
        &mut self,
        submission: &Submission,
        template: TemplateId,
        provider: Option<CapacityProviderId>,
        observer: &mut impl Observer,
    ) -> TaskId {
        let entry = &self.scenario.tasks[index(submission.entry)];
        let definition = submission.definition.or(entry.task_definition);
        let defined = definition
            .map(|definition| self.scenario.task_definitions[definition.index()].needs)
            .or(entry.needs)
            .unwrap_or_default();
        let needs = Resources {
            cpu: submission.cpu.unwrap_or(defined.cpu),
            memory: submission.memory.unwrap_or(defined.memory),
            gpus: submission.gpus.unwrap_or(defined.gpus),
            enis: defined.enis,
        };
        let scope = self.placer.template(template).capacity;
        let needs = match fargate_of(self.scenario, scope) {
            Some(_) => needs_on_fargate(self.scenario, definition, needs),
            None => needs,
        };
        let serial = self.next_serial;
        self.next_serial += 1;
        let group = self.placer.template(template).group;
        let task = self.cluster.submit(Task {
            entry: EntryId(submission.entry),
            number: submission.number,
            definition,
            launch_type: launch_type_of(self.scenario, scope),
            capacity_provider: provider,
            runtime: submission.runtime,
            start_latency: submission.start_latency,
            stop_latency: submission.stop_latency,
            ..Task::waiting(serial, template, group, needs, self.now)
        });
        let record = Record::TaskSubmitted {
            task,
            name: submission.name.as_deref(),
        };
        observer.record(self.now, &record, &self.cluster);
        task
    }

    /// StartTask: the caller has named the instance; the resource checks still apply. Each call
    /// starts a task on each of the instances that it names.
    fn start_on_named(
        &mut self,
        task: TaskId,
        start_task: &StartTask,
        observer: &mut impl Observer,
    ) {
        let row = self.cluster.task(task);
        let name = start_task.instance_of(row.number);
        let (template, needs) = (row.template, row.needs);
        let known = ContainerInstanceId::parse(name)
            .filter(|id| id.index() < self.cluster.instances().len());
        let refused = match known {
            None => Some(Reason::Missing),
            Some(id) if self.cluster.instance(id).status == ContainerInstanceStatus::Inactive => {
                Some(Reason::Inactive)
            }
            Some(id) => check(&self.cluster, self.placer.template(template), &needs, id)
                .err()
                .map(Rejection::reason),
        };
        match (refused, known) {
            (None, Some(instance)) => self.place(task, instance, observer),
            (reason, _) => {
                let reasons = reason.map(Reasons::only).unwrap_or_default();
                self.note_refusal(task, reasons, observer);
                self.give_up(task, reasons, observer);
            }
        }
    }

    /// A task that may wait: it is tried unless an earlier one holds it back, and waits if it
    /// finds no room and some instance could ever hold it.
    fn try_or_wait(&mut self, task: TaskId, line: Line, observer: &mut impl Observer) {
        let shape = self.shape(task);
        let held_back = line == Line::Strict && self.waiting.holds_back();
        if !held_back || !self.shape_facts(shape, task).ever_fits {
            let Err(reasons) = self.attempt(task, observer) else {
                return;
            };
            if !self.shape_facts(shape, task).ever_fits {
                self.give_up(task, reasons, observer);
                return;
            }
        }
        let serial = self.cluster.task(task).serial;
        self.waiting.join(line, serial, task);
    }

    /// Capacity has changed: the waiting tasks are tried in order of submission.
    pub(super) fn try_waiting(&mut self, observer: &mut impl Observer) {
        self.waiting_try_is_due = false;
        while let Some((line, task)) = self.waiting.first() {
            let provisioning = self.is_provisioning(task);
            match self.attempt(task, observer) {
                Ok(()) => {
                    self.waiting.leave(line);
                    self.provisioning -= u32::from(provisioning);
                    self.note_service_of(task);
                }
                Err(_) => self.waiting.refuse(line),
            }
        }
        self.waiting.end_pass();
    }

    /// One run of the placement pipeline for one task.
    pub(super) fn attempt(
        &mut self,
        task: TaskId,
        observer: &mut impl Observer,
    ) -> Result<(), Reasons> {
        let row = self.cluster.task(task);
        if row.launch_type == LaunchType::Fargate {
            return self.attempt_on_fargate(task, observer);
        }
        let (template, needs) = (row.template, row.needs);
        match self.decide(task, template, &needs) {
            Ok(instance) => {
                self.place(task, instance, observer);
                Ok(())
            }
            Err(reasons) => {
                self.note_refusal(task, reasons, observer);
                Err(reasons)
            }
        }
    }

    /// Where a task would go now; nothing is changed by it.
    fn decide(
        &mut self,
        task: TaskId,
        template: TemplateId,
        needs: &Resources,
    ) -> Result<ContainerInstanceId, Reasons> {
        let row = self.cluster.task(task);
        let family = self.placement_family(row.entry).clone();
        let mut draws = TaskDraws::new(&family, row.number, row.attempt);
        self.placer
            .place(&self.cluster, template, needs, &mut draws)
    }

    /// Why a task would be refused now; no reason where it would not.
    pub(super) fn refusal(
        &mut self,
        task: TaskId,
        template: TemplateId,
        needs: &Resources,
    ) -> Reasons {
        self.decide(task, template, needs).err().unwrap_or_default()
    }

    pub(super) fn place(
        &mut self,
        task: TaskId,
        on: ContainerInstanceId,
        observer: &mut impl Observer,
    ) {
        let template = self.cluster.task(task).template;
        let ports = &self.placer.template(template).ports;
        self.cluster.place(task, on, ports, self.now);
        self.reclassify(task);
        self.note_needed(on);
        let record = Record::TaskPlaced { task, instance: on };
        observer.record(self.now, &record, &self.cluster);
        self.launch(task, observer);
        if self.tasks_open_places {
            self.waiting_may_fit();
            self.services_may_fit();
        }
    }

    pub(super) fn give_up(&mut self, task: TaskId, reasons: Reasons, observer: &mut impl Observer) {
        let given_up = self.cluster.give_up(task);
        let record = Record::TaskGivenUp {
            task: &given_up,
            reasons,
        };
        observer.record(self.now, &record, &self.cluster);
    }

    fn note_refusal(&mut self, task: TaskId, reasons: Reasons, observer: &mut impl Observer) {
        let shape = self.shape(task);
        let row = self.cluster.task(task);
        let (template, needs) = (row.template, row.needs);
        let facts = self.shape_facts(shape, task);
        let wanted = !facts.missed && self.nearest_misses < NEAREST_MISSES;
        let nearest_miss = if wanted {
            self.nearest_misses += 1;
            self.shapes.insert(
                shape,
                ShapeFacts {
                    missed: true,
                    ..facts
                },
            );
            nearest_miss(&self.cluster, self.placer.template(template), &needs)
        } else {
            None
        };
        let record = Record::AttemptRefused {
            task,
            reasons,
            nearest_miss,
        };
        observer.record(self.now, &record, &self.cluster);
    }

    fn shape(&self, task: TaskId) -> Shape {
        let row = self.cluster.task(task);
        Shape::new(row.template, &row.needs)
    }

    fn shape_facts(&mut self, shape: Shape, task: TaskId) -> ShapeFacts {
        let row = self.cluster.task(task);
        let scope = self.placer.template(row.template).capacity;
        if let Some(capacity) = fargate_of(self.scenario, scope) {
            return ShapeFacts {
                ever_fits: self.could_run_on_fargate(capacity, &row.needs),
                missed: false,
            };
        }
        let (cluster, template) = (&self.cluster, self.placer.template(row.template));
        *self.shapes.entry(shape).or_insert_with(|| ShapeFacts {
            ever_fits: cluster
                .registered()
                .iter()
                .any(|id| could_hold_when_empty(cluster, template, &row.needs, *id)),
            missed: false,
        })
    }

    /// Whoever waits is to be tried, once all else of this instant that frees room has happened.
    pub(super) fn waiting_may_fit(&mut self) {
        if !self.waiting.is_empty() && !self.waiting_try_is_due {
            self.waiting_try_is_due = true;
            self.schedule(self.now, Event::WaitingTried);
        }
    }

    pub(super) fn schedule(&mut self, at: crate::units::SimTime, event: Event) {
        self.queue.push(at, event.class(), event);
    }
}
