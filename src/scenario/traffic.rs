//! The checked scenario's requests, metrics and what follows from them.

use crate::cloud::Listener;
use crate::control::alarm::{AlarmConfiguration, AlarmState};
use crate::control::service_auto_scaling::ScalableTarget;
use crate::model::ServiceId;
use crate::units::SimTime;
use crate::workload::Schedule;
use crate::workload::load::LoadSpec;

/// A metric of a service that alarms and scaling policies can watch, a value a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceMetric {
    /// `CPUUtilization`, in percent of what the definition reserves.
    CpuUtilization,
    /// `MemoryUtilization`, in percent of what the definition reserves.
    MemoryUtilization,
    /// `RequestCountPerTarget`, in requests a minute.
    RequestCountPerTarget,
    /// `RequestCount`, in requests a minute.
    RequestCount,
    /// `TargetResponseTime`, the mean, in seconds.
    TargetResponseTime,
    /// `HTTPCode_ELB_5XX_Count`: requests that found no task to answer them, in a minute.
    HttpCodeElb5xxCount,
    /// `RunningTaskCount`, the mean.
    RunningTaskCount,
    /// `HealthyHostCount`: targets that received requests, the mean.
    HealthyHostCount,
}

impl ServiceMetric {
    /// Every metric.
    pub const ALL: [Self; 8] = [
        Self::CpuUtilization,
        Self::MemoryUtilization,
        Self::RequestCountPerTarget,
        Self::RequestCount,
        Self::TargetResponseTime,
        Self::HttpCodeElb5xxCount,
        Self::RunningTaskCount,
        Self::HealthyHostCount,
    ];

    /// CloudWatch's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CpuUtilization => "CPUUtilization",
            Self::MemoryUtilization => "MemoryUtilization",
            Self::RequestCountPerTarget => "RequestCountPerTarget",
            Self::RequestCount => "RequestCount",
            Self::TargetResponseTime => "TargetResponseTime",
            Self::HttpCodeElb5xxCount => "HTTPCode_ELB_5XX_Count",
            Self::RunningTaskCount => "RunningTaskCount",
            Self::HealthyHostCount => "HealthyHostCount",
        }
    }
}

/// `scaling` of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoScaling {
    /// Bounds, policies and scheduled actions.
    pub target: ScalableTarget,
    /// When each scheduled action of the target comes, in their order.
    pub schedules: Vec<Schedule>,
    /// What the places of customized metrics stand for.
    pub customized: Vec<ServiceMetric>,
}

/// What decides the state of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmSource {
    /// PutMetricAlarm on a metric of a service.
    Metric {
        /// The service.
        service: ServiceId,
        /// Which of its metrics.
        metric: ServiceMetric,
        /// The alarm.
        configuration: AlarmConfiguration,
    },
    /// `states`: from each point on its state, in order of time; before the first it is OK.
    Script(Vec<(SimTime, AlarmState)>),
}

/// An entry of `alarms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmEntry {
    /// `alarmName`, unique.
    pub name: String,
    /// What decides its state.
    pub source: AlarmSource,
}

/// An entry of `loadBalancers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its name, and how its requests are parted between target groups.
    pub listener: Listener,
    /// The requests that come to it.
    pub load: LoadSpec,
}
