//! Services and standalone tasks, each on a capacity of its own.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;

/// Families by where they run: on EC2 without and with checks, on a host port, with a network
/// interface, on a GPU; on Fargate.
const FAMILIES: [&str; 6] = ["plain", "checked", "port", "own", "gpu", "far"];

pub(super) const DEFINITIONS: &str = "taskDefinitions:
  - {family: plain, containerDefinitions: [{name: app, image: 'a:1', cpu: 500, memory: 400,
      portMappings: [{containerPort: 80}]}]}
  - {family: plain, containerDefinitions: [{name: app, image: 'a:2', cpu: 300, memory: 900,
      portMappings: [{containerPort: 80}]}]}
  - {family: checked, containerDefinitions: [{name: app, image: 'a:1', cpu: 256, memory: 256,
      portMappings: [{containerPort: 80}],
      healthCheck: {command: [CMD, x], interval: 10, retries: 2}}]}
  - {family: port, networkMode: host, containerDefinitions: [{name: app, image: 'a:1', cpu: 64,
      memory: 64, portMappings: [{containerPort: 80}]}]}
  - {family: own, networkMode: awsvpc, containerDefinitions: [{name: app, image: 'a:1', cpu: 100,
      memory: 100, portMappings: [{containerPort: 80}]}]}
  - {family: gpu, containerDefinitions: [{name: app, image: 'a:1', cpu: 10, memory: 10,
      portMappings: [{containerPort: 80}], resourceRequirements: [{type: GPU, value: '1'}]}]}
  - {family: far, networkMode: awsvpc, requiresCompatibilities: [FARGATE], cpu: 256, memory: 512,
      containerDefinitions: [{name: app, image: 'a:1', stopTimeout: 120,
      portMappings: [{containerPort: 80}]}, {name: log, image: 'a:2', stopTimeout: 90,
      dependsOn: [{containerName: app, condition: START}]}]}
";

const ARRIVALS: [&str; 5] = [
    "{at: 0s, count: 6}",
    "{at: 17m, count: 9}",
    "{every: 3m, until: 40m}",
    "{poisson: {perHour: 20}}",
    "{every: 7m, from: 30s}",
];
const RUNTIMES: [&str; 5] = [
    "",
    ", runtime: 90s",
    ", runtime: {exponential: {mean: 9m}}",
    ", runtime: 0s",
    ", runtime: 25m",
];
const STRATEGIES: [&str; 5] = [
    "[]",
    "[{type: random}]",
    "[{type: spread, field: 'attribute:ecs.availability-zone'}, {type: spread, field: instanceId}]",
    "[{type: binpack, field: cpu}]",
    "[{type: binpack, field: memory}]",
];
const EFFECTS: [&str; 4] = [
    "exit: {after: {exponential: {mean: 6m}}, exitCode: 3}",
    "failToStart: {after: 3s}",
    "ignoreSigterm: true",
    "unhealthy: {after: 4m}",
];

/// Whose capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Capacity {
    Ec2,
    External,
    Fargate,
    /// Base, weights of FARGATE and FARGATE_SPOT.
    FargateStrategy(u32, u32, u32),
    /// Base and weights of the scenario's providers, from one of them on.
    Providers(usize, u32, [u32; 3]),
}

fn capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![
        2 => Just(Capacity::Ec2),
        1 => Just(Capacity::External),
        1 => Just(Capacity::Fargate),
        2 => (0_u32..3, 0_u32..4, 1_u32..4)
            .prop_map(|(base, demand, spot)| Capacity::FargateStrategy(base, demand, spot)),
        6 => (0_usize..3, 0_u32..4, [1_u32..4, 0_u32..4, 0_u32..4])
            .prop_map(|(from, base, weights)| Capacity::Providers(from, base, weights)),
    ]
}

impl Capacity {
    fn is_fargate(self) -> bool {
        matches!(self, Self::Fargate | Self::FargateStrategy(..))
    }

    /// Where there is no provider to name, EC2 it is.
    fn of(self, providers: &[usize]) -> Self {
        match self {
            Self::Providers(..) if providers.is_empty() => Self::Ec2,
            other => other,
        }
    }

    fn text(self, providers: &[usize]) -> String {
        match self {
            Self::Ec2 => "launchType: EC2".to_owned(),
            Self::External => "launchType: EXTERNAL".to_owned(),
            Self::Fargate => "launchType: FARGATE".to_owned(),
            Self::FargateStrategy(base, demand, spot) => format!(
                "capacityProviderStrategy: [{{capacityProvider: FARGATE, base: {base}, \
                 weight: {demand}}}, {{capacityProvider: FARGATE_SPOT, weight: {spot}}}]"
            ),
            Self::Providers(from, base, weights) => {
                let turned = providers.iter().cycle().skip(from % providers.len());
                let items = turned.take(providers.len()).zip(weights).enumerate();
                let items: Vec<String> = items
                    .map(|(place, (provider, weight))| {
                        let base = if place == 0 { base } else { 0 };
                        format!("{{capacityProvider: p{provider}, base: {base}, weight: {weight}}}")
                    })
                    .collect();
                format!("capacityProviderStrategy: [{}]", items.join(", "))
            }
        }
    }
}

/// Work on EC2 keeps to these types, so that a test can add others.
const KNOWN_TYPES: &str = "{type: memberOf, expression: 'attribute:ecs.instance-type != extra'}";

/// A service.
#[derive(Debug, Clone)]
pub(super) struct Service {
    family: usize,
    capacity: Capacity,
    is_daemon: bool,
    desired: u32,
    percentages: (u32, u32),
    strategy: usize,
    /// Seconds of the deregistration delay, where it has a target group.
    delay: Option<u32>,
    /// Minute and desired count; 0 is a new deployment.
    updates: Vec<(u32, u32)>,
    effect: Option<usize>,
}

pub(super) fn service() -> impl Strategy<Value = Service> {
    let what = (0..FAMILIES.len(), capacity(), 0_u8..5, 0_u32..9);
    let percentages = select(&[(100_u32, 200_u32), (50, 100), (0, 100), (100, 150)][..]);
    let how = (percentages, 0..STRATEGIES.len());
    let delay = prop::option::of(select(&[0_u32, 60, 1_000][..]));
    let updates = prop::collection::vec((1_u32..50, 0_u32..7), 0..3);
    let effect = prop::option::weighted(0.3, 0..EFFECTS.len());
    (what, how, delay, updates, effect).prop_map(|(what, how, delay, updates, effect)| Service {
        family: what.0,
        capacity: what.1,
        is_daemon: what.2 == 0,
        desired: what.3,
        percentages: how.0,
        strategy: how.1,
        delay,
        updates,
        effect,
    })
}

impl Service {
    /// What it runs on, and which family fits there.
    fn settled(&self, providers: &[usize]) -> (Capacity, &'static str) {
        let capacity = if self.is_daemon {
            Capacity::Ec2
        } else {
            self.capacity.of(providers)
        };
        let family = match capacity {
            _ if capacity.is_fargate() => "far",
            // ECS Anywhere knows no network interfaces.
            Capacity::External => "port",
            _ => FAMILIES[self.family % (FAMILIES.len() - 1)],
        };
        (capacity, family)
    }

    fn has_target_group(&self, capacity: Capacity) -> bool {
        self.delay.is_some() && capacity != Capacity::External
    }

    fn text(&self, number: usize, providers: &[usize]) -> String {
        let (capacity, family) = self.settled(providers);
        let (minimum, maximum) = self.percentages;
        let (minimum, maximum) = if self.is_daemon {
            (minimum.min(50), 100)
        } else {
            (minimum, maximum)
        };
        let mut text = format!(
            "  - serviceName: s{number}
    taskDefinition: '{family}:1'
    {}
    deploymentConfiguration: {{minimumHealthyPercent: {minimum}, maximumPercent: {maximum}}}\n",
            capacity.text(providers)
        );
        if self.is_daemon {
            text.push_str("    schedulingStrategy: DAEMON\n");
        } else {
            let _ = writeln!(text, "    desiredCount: {}", self.desired);
        }
        if !capacity.is_fargate() {
            let _ = writeln!(text, "    placementConstraints: [{KNOWN_TYPES}]");
            if !self.is_daemon {
                let _ = writeln!(text, "    placementStrategy: {}", STRATEGIES[self.strategy]);
            }
        }
        if self.has_target_group(capacity) {
            let _ = writeln!(
                text,
                "    loadBalancers: [{{targetGroupName: t{number}, containerName: app, \
                 containerPort: 80}}]"
            );
        }
        text
    }
}

/// An entry of `tasks`.
#[derive(Debug, Clone)]
pub(super) struct Tasks {
    capacity: Capacity,
    family: usize,
    arrivals: usize,
    runtime: usize,
    count: u32,
    attempts: u32,
    when_full: usize,
    strategy: usize,
    effect: Option<usize>,
}

pub(super) fn tasks() -> impl Strategy<Value = Tasks> {
    let what = (capacity(), 0..FAMILIES.len() + 1, 1_u32..4);
    let when = (0..ARRIVALS.len(), 0..RUNTIMES.len(), 1_u32..4);
    let how = (0_usize..3, 0..STRATEGIES.len());
    let effect = prop::option::weighted(0.3, 0_usize..3);
    (what, when, how, effect).prop_map(|(what, when, how, effect)| Tasks {
        capacity: what.0,
        family: what.1,
        count: what.2,
        arrivals: when.0,
        runtime: when.1,
        attempts: when.2,
        when_full: how.0,
        strategy: how.1,
        effect,
    })
}

impl Tasks {
    fn text(&self, number: usize, providers: &[usize]) -> String {
        let capacity = self.capacity.of(providers);
        let what = match (capacity, FAMILIES.get(self.family)) {
            (_, None) => "cpu: 1024, memory: 2048".to_owned(),
            (Capacity::External, _) => "taskDefinition: port".to_owned(),
            (_, Some(_)) if capacity.is_fargate() => "taskDefinition: far".to_owned(),
            (_, Some(&"far")) => "cpu: 512, memory: 700".to_owned(),
            (_, Some(family)) => format!("taskDefinition: '{family}:1'"),
        };
        let mut text = format!(
            "  - {{name: e{number}, {what}, {}, count: {}, arrivals: {}{}, \
             retryStrategy: {{attempts: {}}}",
            capacity.text(providers),
            self.count,
            ARRIVALS[self.arrivals],
            RUNTIMES[self.runtime],
            self.attempts
        );
        if !matches!(capacity, Capacity::Providers(..)) {
            let when_full = ["fail", "queue", "backfill"][self.when_full];
            let _ = write!(text, ", whenFull: {when_full}");
        }
        if !capacity.is_fargate() {
            let strategy = STRATEGIES[self.strategy];
            let _ = write!(
                text,
                ", placementStrategy: {strategy}, placementConstraints: [{KNOWN_TYPES}]"
            );
        }
        text + "}\n"
    }
}

/// The blocks of all work.
pub(super) fn text(services: &[Service], entries: &[Tasks], providers: &[usize]) -> String {
    let [
        mut groups,
        mut written,
        mut updates,
        mut behaviors,
        mut tasks,
    ] = [const { String::new() }; 5];
    for (number, service) in services.iter().enumerate() {
        written.push_str(&service.text(number, providers));
        let (capacity, _) = service.settled(providers);
        if let (true, Some(delay)) = (service.has_target_group(capacity), service.delay) {
            let _ = writeln!(
                groups,
                "  - {{targetGroupName: t{number}, deregistrationDelay: {delay}s}}"
            );
        }
        for (minute, desired) in &service.updates {
            let change = if *desired == 0 || service.is_daemon {
                "forceNewDeployment: true".to_owned()
            } else {
                format!("desiredCount: {desired}")
            };
            let _ = writeln!(
                updates,
                "  - {{at: {minute}m, service: s{number}, {change}}}"
            );
        }
        if let Some(effect) = service.effect {
            let effect = EFFECTS[effect];
            let _ = writeln!(behaviors, "  - {{service: s{number}, every: 2, {effect}}}");
        }
    }
    for (number, entry) in entries.iter().enumerate() {
        tasks.push_str(&entry.text(number, providers));
        if let Some(effect) = entry.effect {
            let effect = EFFECTS[effect];
            let _ = writeln!(behaviors, "  - {{tasks: e{number}, every: 2, {effect}}}");
        }
    }
    [
        super::block("targetGroups", &groups),
        super::block("services", &written),
        super::block("deployments", &updates),
        super::block("taskBehaviors", &behaviors),
        super::block("tasks", &tasks),
    ]
    .concat()
}
