//! Random small scenarios with services beside standalone tasks, and what befalls them.

use std::fmt::Write;

use proptest::prelude::*;

use super::scenarios::{CHAINS, CONSTRAINTS, DEFINITIONS, LATENCIES, entry, fleet};

/// Families of services; each has two revisions: without checks, checked by their containers, on a
/// host port, with a network interface of their own.
const FAMILIES: [&str; 4] = ["plain", "checked", "port", "own"];

const SERVICE_DEFINITIONS: &str = "
  - {family: plain, containerDefinitions: [{name: app, image: 'a:1', cpu: 200, memory: 200,
      portMappings: [{containerPort: 80}]}]}
  - {family: plain, containerDefinitions: [{name: app, image: 'a:2', cpu: 250, memory: 150,
      portMappings: [{containerPort: 80}]}]}
  - {family: checked, containerDefinitions: [{name: app, image: 'a:1', cpu: 128, memory: 128,
      portMappings: [{containerPort: 80}],
      healthCheck: {command: [CMD, x], interval: 5, retries: 2, startPeriod: 20}}]}
  - {family: checked, containerDefinitions: [{name: app, image: 'a:2', cpu: 128, memory: 256,
      portMappings: [{containerPort: 80}],
      healthCheck: {command: [CMD, x], interval: 7, retries: 1}}]}
  - {family: port, networkMode: host, containerDefinitions: [{name: app, image: 'a:1', cpu: 64,
      memory: 64, portMappings: [{containerPort: 8080}]}]}
  - {family: port, networkMode: host, containerDefinitions: [{name: app, image: 'a:2', cpu: 64,
      memory: 64, portMappings: [{containerPort: 8080}]}]}
  - {family: own, networkMode: awsvpc, containerDefinitions: [{name: app, image: 'a:1', cpu: 100,
      memory: 100, portMappings: [{containerPort: 80}]}]}
  - {family: own, networkMode: awsvpc, containerDefinitions: [{name: app, image: 'a:2', cpu: 100,
      memory: 100, portMappings: [{containerPort: 80}]}]}
";

/// A standalone service starts within its scaling bounds; the scheduled action narrows them.
pub(super) const SCALING_BOUNDS: (u32, u32) = (1, 7);
pub(super) const SCHEDULED_BOUNDS: (u32, u32) = (2, 4);
pub(super) const SCHEDULED_MINUTE: u64 = 16;

const SCALING: &str = "
    load: {steps: [{at: 0s, requestsPerSecond: 5}, {at: 4m, requestsPerSecond: 60},
      {at: 14m, requestsPerSecond: 0.5}], request: {cpuTime: 20ms}}
    scaling:
      minCapacity: 1
      maxCapacity: 7
      policies:
        - policyName: cpu
          policyType: TargetTrackingScaling
          targetTrackingScalingPolicyConfiguration:
            targetValue: 50
            predefinedMetricSpecification: {predefinedMetricType: ECSServiceAverageCPUUtilization}
            scaleOutCooldown: 60
            scaleInCooldown: 60
      scheduledActions:
        - scheduledActionName: narrow
          schedule: 'at(2026-01-05T00:16:00)'
          scalableTargetAction: {minCapacity: 2, maxCapacity: 4}
";

const PERCENTAGES: [(u32, u32); 8] = [
    (100, 200),
    (50, 200),
    (50, 100),
    (0, 100),
    (75, 125),
    (100, 150),
    (100, 100),
    (34, 167),
];

const BREAKERS: [&str; 5] = [
    "",
    "",
    ", deploymentCircuitBreaker: {enable: true, rollback: true}",
    ", deploymentCircuitBreaker: {enable: true, rollback: false,
        thresholdConfiguration: {type: COUNT, value: 2}}",
    ", alarms: {alarmNames: [drill], enable: true, rollback: true}",
];

/// How revisions follow one another; what stands only beside a rolling update comes first.
const KINDS: [&str; 7] = [
    "",
    "",
    "",
    ", earlySuccessCriteria: {enable: true, healthyPercent: 100,
        sourceServiceRevisionCleanup: BLOCKING}",
    ", strategy: BLUE_GREEN, bakeTimeInMinutes: 1",
    ", strategy: LINEAR, linearConfiguration: {stepPercent: 40, stepBakeTimeInMinutes: 1},
        alarms: {alarmNames: [drill], enable: true, rollback: false}",
    ", strategy: CANARY, canaryConfiguration: {canaryBakeTimeInMinutes: 1}, bakeTimeInMinutes: 1,
        lifecycleHooks: [{lifecycleStages: [POST_SCALE_UP], duration: 30s, succeeds: false}]",
];

const EFFECTS: [&str; 7] = [
    "failToStart: {after: 3s}",
    "failToStart: {}",
    "exit: {after: {exponential: {mean: 2m}}, exitCode: 3}",
    "exit: {after: 0s}",
    "unhealthy: {after: 90s}",
    "slowReadiness: {after: 30s}",
    "ignoreSigterm: true",
];

const INCIDENTS: [&str; 8] = [
    "availabilityZoneLost: us-east-1a",
    "containerInstancesLost: [0]",
    "containerInstancesLost: [1]",
    "containerInstancesDraining: [0]",
    "containerInstancesDraining: [0, 1]",
    "agentsDisconnected: [0]",
    "agentsDisconnected: [0, 1]",
    "registryUnavailable: true",
];

const IMAGES: &str = "images: [{name: 'a:1', size: 150 MB}, {name: 'a:2', size: 1 GB}]\n";

#[derive(Debug, Clone)]
struct Service {
    family: usize,
    is_daemon: bool,
    desired: u32,
    percentages: usize,
    breaker: usize,
    kind: usize,
    chain: usize,
    constraint: usize,
    /// Whether there is a target group, and if so a grace period.
    checks: [bool; 2],
    scales: bool,
    created: u32,
}

impl Service {
    fn text(&self, number: usize) -> String {
        let (minimum, maximum) = PERCENTAGES[self.percentages];
        let is_shift = KINDS[self.kind].contains("strategy");
        let breaker = if is_shift { "" } else { BREAKERS[self.breaker] };
        let kind = if self.is_daemon { "" } else { KINDS[self.kind] };
        let mut text = format!(
            "  - serviceName: s{number}
    taskDefinition: '{}:1'
    createdAt: {}s
    placementConstraints: [{}]
    deploymentConfiguration: {{minimumHealthyPercent: {minimum}, maximumPercent: {maximum}\
             {breaker}{kind}}}\n",
            FAMILIES[self.family],
            self.created * 30,
            CONSTRAINTS[self.constraint],
        );
        if self.is_daemon {
            text.push_str("    schedulingStrategy: DAEMON\n");
        } else {
            let _ = writeln!(
                text,
                "    desiredCount: {}\n    placementStrategy: [{}]",
                self.desired, CHAINS[self.chain]
            );
        }
        if self.checks[0] {
            let _ = writeln!(
                text,
                "    loadBalancers: [{{targetGroupName: t{number}, containerName: app, \
                 containerPort: {}}}]",
                if FAMILIES[self.family] == "port" {
                    8080
                } else {
                    80
                }
            );
            if self.checks[1] {
                text.push_str("    healthCheckGracePeriodSeconds: 60\n");
            }
        }
        if self.scales && !self.is_daemon {
            text.push_str(SCALING.trim_start_matches('\n'));
        }
        text
    }
}

fn service() -> impl Strategy<Value = Service> {
    let what = (0..FAMILIES.len(), 0_u8..5, 0_u32..7, 0_u32..4);
    let how = (0..PERCENTAGES.len(), 0..BREAKERS.len(), 0..KINDS.len());
    let place = (0..CHAINS.len(), 0..2 * CONSTRAINTS.len());
    (what, how, place, any::<[bool; 2]>(), 0_u8..4).prop_map(
        |(what, how, place, checks, scales)| Service {
            family: what.0,
            is_daemon: what.1 == 0,
            desired: what.2,
            created: if scales == 0 { 0 } else { what.3 },
            percentages: how.0,
            breaker: how.1,
            kind: how.2,
            chain: place.0,
            constraint: if place.1 < CONSTRAINTS.len() {
                place.1
            } else {
                0
            },
            checks,
            scales: scales == 0,
        },
    )
}

/// An update: when, of which service, and which kind with a number.
type Update = (u32, usize, u8, u32);

fn updates(services: &[Service], updates: &[Update]) -> String {
    let mut text = String::new();
    for (at, service, kind, number) in updates {
        let place = service % services.len();
        let family = FAMILIES[services[place].family];
        let change = match kind {
            0..=3 => format!("taskDefinition: '{family}:{}'", 1 + number % 2),
            4 => "forceNewDeployment: true".to_owned(),
            5 if KINDS[services[place].kind].is_empty() => {
                let (minimum, maximum) = PERCENTAGES[usize::try_from(number % 8).expect("few")];
                format!(
                    "deploymentConfiguration: {{minimumHealthyPercent: {minimum}, \
                     maximumPercent: {maximum}}}"
                )
            }
            _ if services[place].is_daemon => "forceNewDeployment: true".to_owned(),
            _ => format!("desiredCount: {}", number % 7),
        };
        let _ = writeln!(
            text,
            "  - {{at: {}s, service: s{place}, {change}}}",
            120 + at * 10
        );
    }
    text
}

fn protections(services: usize, entries: &[(u32, usize, u32, bool)]) -> String {
    let mut text = String::new();
    for (at, service, number, enabled) in entries {
        let _ = writeln!(
            text,
            "  - {{at: {}s, service: s{}, tasks: {}, expiresInMinutes: {}, \
             protectionEnabled: {enabled}}}",
            120 + at * 10,
            service % services,
            1 + number % 3,
            1 + number % 9
        );
    }
    text
}

fn incidents(entries: &[(u32, usize, u32)]) -> String {
    let mut text = String::new();
    for (at, kind, minutes) in entries {
        let _ = write!(text, "  - {{at: {}s, {}", at * 20, INCIDENTS[*kind]);
        if *minutes > 0 {
            let _ = write!(text, ", duration: {minutes}m");
        }
        text.push_str("}\n");
    }
    text
}

fn behaviors(services: &[Service], entries: &[(usize, usize, u32, u8)]) -> String {
    let mut text = String::new();
    for (service, effect, every, which) in entries {
        let place = service % services.len();
        let whose = match which {
            0 => format!("taskDefinition: '{}:2'", FAMILIES[services[place].family]),
            1 => format!("service: s{place}, from: 5m, until: 12m"),
            _ => format!("service: s{place}, every: {every}"),
        };
        let _ = writeln!(text, "  - {{{whose}, {}}}", EFFECTS[*effect]);
    }
    text
}

fn target_groups(services: &[Service]) -> String {
    let mut text = String::new();
    for (place, service) in services.iter().enumerate() {
        if service.checks[0] {
            let _ = writeln!(
                text,
                "  - {{targetGroupName: t{place}, healthCheckIntervalSeconds: 10, \
                 deregistrationDelay: {}s}}",
                if service.checks[1] { 0 } else { 30 }
            );
        }
    }
    text
}

fn block(name: &str, entries: &str) -> String {
    if entries.is_empty() {
        String::new()
    } else {
        format!("{name}:\n{entries}")
    }
}

fn options() -> impl Strategy<Value = String> {
    let header = (any::<u32>(), 0..LATENCIES.len(), any::<bool>());
    (header, 0_u8..3, any::<bool>(), any::<bool>()).prop_map(|(header, rate, stopping, images)| {
        let tie = ["lowestInstanceId", "random"][usize::from(header.2)];
        let rate = [500, 3, 12][usize::from(rate)];
        let latencies = LATENCIES[header.1];
        let latencies = match latencies.strip_suffix('}') {
            Some(some) if stopping && header.1 > 0 => {
                format!("{some}, networkInterfaceDetach: {{uniform: {{min: 0s, max: 9s}}}}}}")
            }
            _ => latencies.to_owned(),
        };
        format!(
            "duration: 25m\nstart: 2026-01-05T00:00:00Z\nseed: {}\nlatencies: {}\n\
             placementOptions: {{tieBreak: {tie}}}\n\
             serviceOptions: {{taskLaunchesPerMinute: {rate}, countStoppingTasks: {stopping}}}\n\
             alarms:\n  - {{alarmName: drill, states: [{{at: 6m, state: ALARM}}, \
             {{at: 11m, state: OK}}]}}\n{}",
            header.0,
            latencies,
            if images { IMAGES } else { "" }
        )
    })
}

/// Services, what is done to them and what befalls them, beside standalone tasks.
pub(crate) fn any_service_scenario() -> impl Strategy<Value = String> {
    let fleets = prop::collection::vec(fleet(), 1..3);
    let services = prop::collection::vec(service(), 1..4);
    let entries = prop::collection::vec(entry(), 0..3);
    let update = (0_u32..120, 0_usize..4, 0_u8..9, any::<u32>());
    let protection = (0_u32..120, 0_usize..4, any::<u32>(), any::<bool>());
    let incident = (0_u32..70, 0..INCIDENTS.len(), 0_u32..8);
    let behavior = (0_usize..4, 0..EFFECTS.len(), 1_u32..5, 0_u8..4);
    let done = (
        prop::collection::vec(update, 0..6),
        prop::collection::vec(protection, 0..3),
        prop::collection::vec(incident, 0..4),
        prop::collection::vec(behavior, 0..3),
    );
    (options(), fleets, services, entries, done).prop_map(
        |(mut text, fleets, services, entries, done)| {
            // Instances 0 and 1, and zone a, are always there.
            let _ = write!(
                text,
                "{DEFINITIONS}{}containerInstances:\n  - {{instanceType: m5.large, count: 2, \
                 availabilityZones: [us-east-1a, us-east-1b], attributes: {{rack: r0}}}}\n{}",
                SERVICE_DEFINITIONS.trim_start_matches('\n'),
                fleets.concat()
            );
            text.push_str(&block("targetGroups", &target_groups(&services)));
            text.push_str("services:\n");
            for (place, service) in services.iter().enumerate() {
                text.push_str(&service.text(place));
            }
            text.push_str(&block("deployments", &updates(&services, &done.0)));
            text.push_str(&block(
                "taskProtection",
                &protections(services.len(), &done.1),
            ));
            text.push_str(&block("incidents", &incidents(&done.2)));
            text.push_str(&block("taskBehaviors", &behaviors(&services, &done.3)));
            let mut tasks = String::new();
            for (at, entry) in entries.iter().enumerate() {
                let _ = write!(tasks, "  - {{name: e{at}, {entry}");
            }
            text + &block("tasks", &tasks)
        },
    )
}
