//! What a capacity is: container instances, or Fargate.

use crate::model::{CapacityProviderId, CapacityScope, FargateCapacity, LaunchType};
use crate::scenario::{CapacityProviderKind, Scenario};

/// The Fargate capacity of a scope, where that is what it is.
pub(super) fn fargate_of(scenario: &Scenario, scope: CapacityScope) -> Option<FargateCapacity> {
    match scope {
        CapacityScope::LaunchType(LaunchType::Fargate) => Some(FargateCapacity::OnDemand),
        CapacityScope::LaunchType(_) => None,
        CapacityScope::Provider(CapacityProviderId(provider)) => {
            match scenario.capacity_providers[crate::units::index(provider)].kind {
                CapacityProviderKind::AutoScalingGroup { .. }
                | CapacityProviderKind::ManagedInstances { .. } => None,
                CapacityProviderKind::Fargate => Some(FargateCapacity::OnDemand),
                CapacityProviderKind::FargateSpot => Some(FargateCapacity::Spot),
            }
        }
    }
}

/// The launch type of tasks of a scope.
pub(super) fn launch_type_of(scenario: &Scenario, scope: CapacityScope) -> LaunchType {
    match (fargate_of(scenario, scope), scope) {
        (Some(_), _) => LaunchType::Fargate,
        (None, CapacityScope::LaunchType(launch_type)) => launch_type,
        (None, CapacityScope::Provider(provider)) => {
            match scenario.capacity_providers[provider.index()].kind {
                CapacityProviderKind::ManagedInstances { .. } => LaunchType::ManagedInstances,
                _ => LaunchType::Ec2,
            }
        }
    }
}
