//! Typed indexes into the model's dense tables.

use std::fmt;

use crate::units::index;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The row of the table.
            #[inline]
            pub const fn index(self) -> usize {
                index(self.0)
            }
        }
    };
}

id!(
    /// A container instance, numbered from 0 in order of registration.
    ContainerInstanceId
);
id!(
    /// A row of the table of live tasks; rows are used again once their task has stopped.
    TaskId
);
id!(
    /// A task group, such as `family:web`, by its place in the table of groups.
    GroupId
);
id!(
    /// A placement template: all that the tasks of one entry and task definition ask of an
    /// instance, but for the amounts.
    TemplateId
);
id!(
    /// A task definition of the scenario.
    TaskDefinitionId
);
id!(
    /// An instance type that the scenario uses.
    InstanceTypeId
);
id!(
    /// What submits tasks: an entry of the scenario's `tasks`, or a service. Services are numbered
    /// after the entries.
    EntryId
);
id!(
    /// A service of the scenario.
    ServiceId
);
id!(
    /// A target group of the scenario.
    TargetGroupId
);

id!(
    /// A capacity provider of the scenario; `FARGATE` and `FARGATE_SPOT` are among them where
    /// they are used.
    CapacityProviderId
);
id!(
    /// An Auto Scaling group of the scenario.
    AutoScalingGroupId
);
id!(
    /// A zone that Fargate tasks run in, by its place in the cluster's list.
    FargateZoneId
);
id!(
    /// A Spot capacity pool of the scenario: an instance type in a zone.
    SpotPoolId
);

/// What a user sees: `i-` and 17 hexadecimal digits of the registration number, so that the order
/// of ids, of registration and of the last tie-break are one.
impl fmt::Display for ContainerInstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "i-{:017x}", self.0)
    }
}

impl ContainerInstanceId {
    /// Reads back what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix("i-")
            .filter(|digits| digits.len() == 17)?;
        u32::from_str_radix(digits, 16).ok().map(Self)
    }
}
