//! Keys of CreateAutoScalingGroup and of what DescribeAutoScalingGroups prints that have no bearing
//! on a run, and those that cannot be simulated.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::Fields;

/// Accepted in silence: they change nothing that is simulated, or are the state of a real group.
const HARMLESS: [&str; 20] = [
    "autoScalingGroupARN",
    "context",
    "createdTime",
    "defaultCooldown",
    "deletionProtection",
    "enabledMetrics",
    "healthCheckGracePeriod",
    "healthCheckType",
    "instanceMaintenancePolicy",
    "instances",
    "placementGroup",
    "serviceLinkedRoleARN",
    "skipZonalShiftValidation",
    "status",
    "suspendedProcesses",
    "tags",
    "targetGroupARNs",
    "trafficSources",
    "availabilityZoneIds",
    "defaultInstanceWarmup",
];
/// What cannot be simulated, and what to do instead.
const REFUSED: [(&str, &str); 5] = [
    (
        "launchConfigurationName",
        "write its instance type into `launchTemplate: {instanceType: m5.large}`",
    ),
    (
        "vpcZoneIdentifier",
        "name the zones of its subnets: `availabilityZones: [us-east-1a, us-east-1b]`",
    ),
    (
        "lifecycleHookSpecificationList",
        "`terminationHook: {heartbeatTimeout: 15m}` drains instances before they end",
    ),
    (
        "desiredCapacityType",
        "sizes count instances: managed scaling allows no weights",
    ),
    (
        "instanceId",
        "write its instance type into `launchTemplate: {instanceType: m5.large}`",
    ),
];

/// Every key that is accepted beside those that are read.
pub(super) fn accepted() -> impl Iterator<Item = &'static str> {
    let refused = REFUSED.iter().map(|(key, _)| *key);
    HARMLESS.into_iter().chain(refused)
}

/// Reports what cannot be simulated.
pub(super) fn report(fields: &Fields<'_>, diagnostics: &mut Diagnostics) {
    for (key, help) in REFUSED {
        if let Some(place) = fields.key_place(key) {
            diagnostics
                .error(place, format!("`{key}` of a group is not simulated"))
                .help(help);
        }
    }
}
