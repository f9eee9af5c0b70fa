//! `launchType` and `capacityProviderStrategy` of tasks and services: whose capacity they use, and
//! what that capacity cannot do.
//!
//! Sources: API reference of RunTask and CreateService; Developer Guide, "Amazon ECS clusters for
//! external instances"; aws/containers-roadmap#692 (DAEMON).

use crate::model::{LaunchType, NetworkMode, TaskDefinition, attributes};
use crate::placement::query::Expression;
use crate::placement::{BinpackField, ConstraintSpec, SpreadField, StrategySpec};
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::{Node, Value};
use crate::scenario::read::{self, Fields};
use crate::scenario::{Capacity, CapacityProviderKind};
use crate::units::Resources;

use super::capacity_provider_strategy::read_strategy;
use super::capacity_providers::Providers;
use super::fargate::check_size;

/// What the constraints of tasks on ECS Managed Instances may look at (Developer Guide, "Define
/// which container instances Amazon ECS uses for tasks").
const MANAGED_ATTRIBUTES: [&str; 4] = [
    "ecs.subnet-id",
    "ecs.availability-zone",
    "ecs.instance-type",
    "ecs.cpu-architecture",
];

/// Reads whose capacity an entry uses: its own choice, else the cluster's default strategy, else
/// EC2. `None` when it was reported.
pub(super) fn read_capacity(
    fields: &Fields<'_>,
    providers: &Providers,
    diagnostics: &mut Diagnostics,
) -> Option<Capacity> {
    let is_empty = |node: &Node| matches!(&node.value, Value::Sequence(items) if items.is_empty());
    let strategy = fields
        .get("capacityProviderStrategy")
        .filter(|node| !is_empty(node));
    let launch_type = fields.get("launchType");
    if let (Some(_), Some(_), Some(place)) = (
        strategy,
        launch_type,
        fields.key_place("capacityProviderStrategy"),
    ) {
        diagnostics
            .error(place, "`capacityProviderStrategy` beside `launchType`")
            .help("ECS takes one of them: remove the other");
        return None;
    }
    if let Some(node) = strategy {
        let strategy = read_strategy(node, providers, diagnostics)?;
        return Some(Capacity::Strategy(strategy));
    }
    if let Some(node) = launch_type {
        return read_launch_type(node, diagnostics).map(Capacity::LaunchType);
    }
    if providers.default_strategy.is_empty() {
        return Some(Capacity::default());
    }
    Some(Capacity::Strategy(providers.default_strategy.clone()))
}

fn read_launch_type(node: &Node, diagnostics: &mut Diagnostics) -> Option<LaunchType> {
    let choices = [
        ("EC2", Some(LaunchType::Ec2)),
        ("FARGATE", Some(LaunchType::Fargate)),
        ("EXTERNAL", Some(LaunchType::External)),
        ("MANAGED_INSTANCES", None),
    ];
    let found = read::one_of(node, "launchType", &choices, diagnostics)?;
    if found.is_none() {
        diagnostics
            .error(
                node.place,
                "which of its providers, `MANAGED_INSTANCES` does not say",
            )
            .help(
                "name it: `capacityProviderStrategy: [{capacityProvider: managed, weight: 1}]`, \
                 and in `capacityProviders` its `managedInstancesProvider`",
            );
    }
    found
}

/// Checks an entry against its capacity.
pub(super) struct CapacityRules<'a> {
    pub(super) fields: &'a Fields<'a>,
    pub(super) capacity: &'a Capacity,
    pub(super) providers: &'a Providers,
}

impl CapacityRules<'_> {
    /// Whether the tasks run on Fargate.
    pub(super) fn is_fargate(&self) -> bool {
        self.capacity.is_fargate(&self.providers.list)
    }

    /// Whether the tasks run on ECS Managed Instances.
    pub(super) fn is_on_managed_instances(&self) -> bool {
        let is_managed = |provider: &CapacityProviderKind| {
            matches!(provider, CapacityProviderKind::ManagedInstances { .. })
        };
        match self.capacity {
            Capacity::LaunchType(_) => false,
            Capacity::Strategy(items) => items
                .iter()
                .any(|item| is_managed(&self.providers.list[item.provider.index()].kind)),
        }
    }

    /// The launch type that a task definition must be made for.
    fn launch_type(&self) -> LaunchType {
        match self.capacity {
            _ if self.is_fargate() => LaunchType::Fargate,
            _ if self.is_on_managed_instances() => LaunchType::ManagedInstances,
            Capacity::LaunchType(launch_type) => *launch_type,
            Capacity::Strategy(_) => LaunchType::Ec2,
        }
    }

    /// What holds for tasks and services alike.
    pub(super) fn check_placement(&self, diagnostics: &mut Diagnostics) {
        let (keys, on, help): (&[&str], _, _) = if self.is_fargate() {
            let help = "Fargate has no container instances to choose from: it spreads tasks over \
                        the zones of their subnets by itself";
            (
                &["placementStrategy", "placementConstraints"],
                "Fargate",
                help,
            )
        } else if self.is_on_managed_instances() {
            let help = "ECS spreads them over the zones and fills instances by itself: remove it";
            (&["placementStrategy"], "ECS Managed Instances", help)
        } else {
            return;
        };
        for key in keys {
            let is_empty = self.fields.get(key).is_some_and(
                |node| matches!(&node.value, Value::Sequence(items) if items.is_empty()),
            );
            if let Some(place) = self.fields.key_place(key).filter(|_| !is_empty) {
                let title = format!("`{key}` of tasks on {on}");
                diagnostics.error(place, title).help(help);
            }
        }
    }

    /// What ECS Managed Instances accept in constraints.
    pub(super) fn check_constraints(
        &self,
        constraints: &[ConstraintSpec],
        of_definition: &[Expression],
        diagnostics: &mut Diagnostics,
    ) {
        if !self.is_on_managed_instances() {
            return;
        }
        let own = constraints
            .iter()
            .filter_map(|constraint| match constraint {
                ConstraintSpec::MemberOf(expression) => Some(expression),
                ConstraintSpec::DistinctInstance => None,
            });
        let mut expressions = own.chain(of_definition);
        let Some(refused) = expressions.find(|expression| asks_more(expression.text())) else {
            return;
        };
        let place = self.fields.key_place("placementConstraints");
        diagnostics
            .error(
                place.unwrap_or(self.fields.place),
                format!(
                    "ECS Managed Instances do not accept the constraint `{}`",
                    refused.text()
                ),
            )
            .help(format!(
                "they accept {} alone",
                read::list(&MANAGED_ATTRIBUTES)
            ));
    }

    /// How ECS places tasks on Managed Instances, whatever the strategy of others: over the zones,
    /// and there onto the fullest instance.
    pub(super) fn managed_strategy(&self) -> Option<Vec<StrategySpec>> {
        self.is_on_managed_instances().then(|| {
            let zone = attributes::AVAILABILITY_ZONE.to_owned();
            vec![
                StrategySpec::Spread(SpreadField::Attribute(zone)),
                StrategySpec::Binpack(BinpackField::Memory),
            ]
        })
    }

    /// RunTask does not refuse a task that managed scaling may get room for: it waits in
    /// PROVISIONING. Without managed scaling it is refused, and what comes then is the client's.
    pub(super) fn check_when_full(&self, diagnostics: &mut Diagnostics) {
        let given = self.fields.get("whenFull");
        let Some(node) = given.filter(|node| node.text() != Some("fail")) else {
            return;
        };
        let Capacity::Strategy(items) = self.capacity else {
            return;
        };
        let mut kinds = items
            .iter()
            .map(|item| &self.providers.list[item.provider.index()].kind);
        if !items.is_empty() && kinds.all(CapacityProviderKind::is_managed) {
            diagnostics
                .error(
                    node.place,
                    "`whenFull` of tasks with a capacity provider strategy",
                )
                .help(
                    "with a capacity provider tasks wait in PROVISIONING, as in ECS, while \
                     managed scaling launches instances: remove `whenFull`",
                );
        }
    }

    /// Amounts that the entry gives itself are a size of Fargate's.
    pub(super) fn check_size(&self, needs: Option<&Resources>, diagnostics: &mut Diagnostics) {
        let Some(needs) = needs.filter(|_| self.is_fargate()) else {
            return;
        };
        let place = self
            .fields
            .get("memory")
            .map_or(self.fields.place, |node| node.place);
        if needs.gpus > 0 {
            diagnostics
                .error(place, "tasks on Fargate with GPUs")
                .help("Fargate has none: run them on container instances");
        }
        check_size(needs.cpu, needs.memory, place, diagnostics);
    }

    /// A DAEMON service follows container instances, which neither Fargate nor a strategy has.
    pub(super) fn check_daemon(&self, diagnostics: &mut Diagnostics) {
        let scheduling = self.fields.get("schedulingStrategy");
        let place = scheduling.map_or(self.fields.place, |node| node.place);
        match self.capacity {
            Capacity::LaunchType(LaunchType::Fargate) => {
                diagnostics
                    .error(place, "a DAEMON service on Fargate")
                    .help("it runs one task on each container instance, and Fargate has none");
            }
            Capacity::LaunchType(_) => {}
            Capacity::Strategy(_) => {
                let finding =
                    diagnostics.error(place, "a DAEMON service with a capacity provider strategy");
                finding.help(
                    "it runs one task on each container instance, whoever launched it: \
                     `launchType: EC2`",
                );
                if self.fields.get("capacityProviderStrategy").is_none() {
                    finding.label("the cluster's default strategy is meant where there is none");
                }
            }
        }
    }

    /// Whether the task definition is made for the capacity.
    pub(super) fn check_definition(
        &self,
        definition: &TaskDefinition,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) {
        let launch_type = self.launch_type();
        let required = &definition.requires_compatibilities;
        let name = definition.name();
        let word = launch_type.name();
        match launch_type {
            LaunchType::Ec2 if required.is_empty() || required.contains(&launch_type) => {}
            LaunchType::Ec2 => {
                diagnostics
                    .warning(
                        place,
                        format!("`{name}` does not ask for EC2, but its tasks are placed there"),
                    )
                    .help("add EC2 to its `requiresCompatibilities`, as ECS would want");
            }
            LaunchType::Fargate if !required.contains(&launch_type) => {
                diagnostics
                    .error(
                        place,
                        format!("the task definition `{name}` is not made for Fargate"),
                    )
                    .help("add `requiresCompatibilities: [FARGATE]` to it");
            }
            LaunchType::External if !required.is_empty() && !required.contains(&launch_type) => {
                diagnostics
                    .error(
                        place,
                        format!("the task definition `{name}` is not made for {word}"),
                    )
                    .help("add EXTERNAL to its `requiresCompatibilities`");
            }
            LaunchType::ManagedInstances => {
                check_on_managed_instances(definition, place, diagnostics);
            }
            LaunchType::Fargate | LaunchType::External => {}
        }
        if launch_type == LaunchType::External {
            check_on_own_servers(definition, place, diagnostics);
        }
    }

    /// What ECS Anywhere does not have.
    pub(super) fn check_external_service(&self, diagnostics: &mut Diagnostics) {
        if self.launch_type() != LaunchType::External {
            return;
        }
        for (key, what) in [
            ("loadBalancers", "load balancer"),
            ("serviceRegistries", "service registry"),
        ] {
            let items = read::items_of(self.fields, key, &mut Diagnostics::default());
            if let Some(place) = self.fields.key_place(key).filter(|_| !items.is_empty()) {
                diagnostics
                    .error(place, format!("a {what} for tasks on external instances"))
                    .help(format!("ECS Anywhere has none: remove `{key}`"));
            }
        }
    }
}

/// Whether an expression looks at more than ECS Managed Instances allow.
fn asks_more(expression: &str) -> bool {
    let left = MANAGED_ATTRIBUTES
        .iter()
        .fold(expression.to_owned(), |text, allowed| {
            text.replace(&format!("attribute:{allowed}"), "")
        });
    let subjects = [
        "attribute:",
        "task:group",
        "runningTasksCount",
        "agentConnected",
        "agentVersion",
        "ec2InstanceId",
        "registeredAt",
    ];
    subjects.iter().any(|subject| left.contains(subject))
}

fn check_on_managed_instances(
    definition: &TaskDefinition,
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let name = definition.name();
    let required = &definition.requires_compatibilities;
    if !required.is_empty() && !required.contains(&LaunchType::ManagedInstances) {
        diagnostics
            .error(
                place,
                format!("the task definition `{name}` is not made for ECS Managed Instances"),
            )
            .help("add MANAGED_INSTANCES to its `requiresCompatibilities`");
    }
    if !matches!(
        definition.network_mode,
        NetworkMode::Awsvpc | NetworkMode::Host
    ) {
        diagnostics
            .error(
                place,
                format!("the network mode of `{name}` is not that of ECS Managed Instances"),
            )
            .help("set `networkMode: awsvpc` or `host` in it");
    }
}

fn check_on_own_servers(definition: &TaskDefinition, place: Place, diagnostics: &mut Diagnostics) {
    let name = definition.name();
    if definition.network_mode == NetworkMode::Awsvpc {
        diagnostics
            .error(
                place,
                format!("`{name}` has the network mode `awsvpc`, which external instances lack"),
            )
            .help("set `networkMode: bridge`, `host` or `none` in it");
    }
    if !definition.efs_file_systems.is_empty() {
        diagnostics
            .error(
                place,
                format!("`{name}` mounts an EFS file system, which external instances cannot"),
            )
            .help("use a bind mount instead");
    }
}
