//! Every key that the ECS API knows in a task definition, and what stands under it: the shapes of
//! RegisterTaskDefinition and of DescribeTaskDefinition's answer (ECS API, version 2014-11-13).

/// What may stand in a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Anything: scheduling does not look at it.
    Any,
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number, or one in digits as text.
    Whole,
    /// A whole number, or text with a unit; read where it is used.
    Size,
    Flag,
    List(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
}

use Shape::{Any, Flag, List, Object, OneOf, Size, Text, Whole};

/// Where tasks of a definition may run.
pub(super) const COMPATIBILITIES: &[&str] = &["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

/// Operating systems.
pub(super) const OPERATING_SYSTEM_FAMILIES: &[&str] = &[
    "LINUX",
    "WINDOWS_SERVER_2016_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2004_CORE",
    "WINDOWS_SERVER_20H2_CORE",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
];

const LOG_DRIVERS: &[&str] = &[
    "awsfirelens",
    "awslogs",
    "fluentd",
    "gelf",
    "journald",
    "json-file",
    "logentries",
    "none",
    "splunk",
    "syslog",
];

const TEXTS: Shape = List(&Text);
const NAME_VALUE: Shape = Object(&[("name", Text), ("value", Any)]);
const SECRET: Shape = Object(&[("name", Text), ("valueFrom", Text)]);

/// A whole definition, with what a description adds.
pub(super) const TASK_DEFINITION: Shape = Object(&[
    ("compatibilities", TEXTS),
    ("containerDefinitions", List(&CONTAINER)),
    ("cpu", Size),
    ("deleteRequestedAt", Any),
    ("deregisteredAt", Any),
    ("enableFaultInjection", Flag),
    ("ephemeralStorage", Object(&[("sizeInGiB", Whole)])),
    ("executionRoleArn", Text),
    ("family", Text),
    (
        "inferenceAccelerators",
        List(&Object(&[("deviceName", Text), ("deviceType", Text)])),
    ),
    ("ipcMode", OneOf(&["host", "task", "none"])),
    ("memory", Size),
    (
        "networkMode",
        OneOf(&["bridge", "host", "awsvpc", "none", "default"]),
    ),
    ("pidMode", OneOf(&["host", "task"])),
    (
        "placementConstraints",
        List(&Object(&[("type", Text), ("expression", Text)])),
    ),
    ("proxyConfiguration", PROXY),
    ("registeredAt", Any),
    ("registeredBy", Any),
    ("requiresAttributes", List(&ATTRIBUTE)),
    ("requiresCompatibilities", List(&OneOf(COMPATIBILITIES))),
    ("revision", Any),
    ("runtimePlatform", PLATFORM),
    ("status", Any),
    ("tags", List(&Object(&[("key", Text), ("value", Any)]))),
    ("taskDefinitionArn", Any),
    ("taskRoleArn", Text),
    ("volumes", List(&VOLUME)),
]);

const PLATFORM: Shape = Object(&[
    ("cpuArchitecture", OneOf(&["X86_64", "ARM64"])),
    ("operatingSystemFamily", OneOf(OPERATING_SYSTEM_FAMILIES)),
]);

const PROXY: Shape = Object(&[
    ("type", Text),
    ("containerName", Text),
    ("properties", List(&NAME_VALUE)),
]);

const ATTRIBUTE: Shape = Object(&[
    ("name", Text),
    ("value", Any),
    ("targetType", Text),
    ("targetId", Text),
]);

const CONTAINER: Shape = Object(&[
    ("command", List(&Any)),
    ("cpu", Size),
    ("credentialSpecs", TEXTS),
    ("dependsOn", List(&DEPENDENCY)),
    ("disableNetworking", Flag),
    ("dnsSearchDomains", TEXTS),
    ("dnsServers", TEXTS),
    ("dockerLabels", Any),
    ("dockerSecurityOptions", TEXTS),
    ("entryPoint", List(&Any)),
    ("environment", List(&NAME_VALUE)),
    (
        "environmentFiles",
        List(&Object(&[("value", Text), ("type", Text)])),
    ),
    ("essential", Flag),
    (
        "extraHosts",
        List(&Object(&[("hostname", Text), ("ipAddress", Text)])),
    ),
    (
        "firelensConfiguration",
        Object(&[("type", OneOf(&["fluentd", "fluentbit"])), ("options", Any)]),
    ),
    ("healthCheck", HEALTH_CHECK),
    ("hostname", Text),
    ("image", Text),
    ("interactive", Flag),
    ("links", TEXTS),
    ("linuxParameters", LINUX_PARAMETERS),
    ("logConfiguration", LOG),
    ("memory", Size),
    ("memoryReservation", Size),
    ("mountPoints", List(&MOUNT_POINT)),
    ("name", Text),
    ("portMappings", List(&PORT_MAPPING)),
    ("privileged", Flag),
    ("pseudoTerminal", Flag),
    ("readonlyRootFilesystem", Flag),
    (
        "repositoryCredentials",
        Object(&[("credentialsParameter", Text)]),
    ),
    ("resourceRequirements", List(&RESOURCE)),
    ("restartPolicy", RESTART),
    ("secrets", List(&SECRET)),
    ("startTimeout", Whole),
    ("stopTimeout", Whole),
    (
        "systemControls",
        List(&Object(&[("namespace", Text), ("value", Any)])),
    ),
    (
        "ulimits",
        List(&Object(&[
            ("name", Text),
            ("softLimit", Any),
            ("hardLimit", Any),
        ])),
    ),
    ("user", Any),
    ("versionConsistency", OneOf(&["enabled", "disabled"])),
    (
        "volumesFrom",
        List(&Object(&[("sourceContainer", Text), ("readOnly", Flag)])),
    ),
    ("workingDirectory", Text),
]);

const DEPENDENCY: Shape = Object(&[
    ("containerName", Text),
    (
        "condition",
        OneOf(&["START", "COMPLETE", "SUCCESS", "HEALTHY"]),
    ),
]);

const HEALTH_CHECK: Shape = Object(&[
    ("command", List(&Any)),
    ("interval", Whole),
    ("retries", Whole),
    ("startPeriod", Whole),
    ("timeout", Whole),
]);

const LINUX_PARAMETERS: Shape = Object(&[
    ("capabilities", Object(&[("add", TEXTS), ("drop", TEXTS)])),
    (
        "devices",
        List(&Object(&[
            ("hostPath", Text),
            ("containerPath", Text),
            ("permissions", TEXTS),
        ])),
    ),
    ("initProcessEnabled", Flag),
    ("maxSwap", Whole),
    ("sharedMemorySize", Whole),
    ("swappiness", Whole),
    (
        "tmpfs",
        List(&Object(&[
            ("containerPath", Text),
            ("size", Whole),
            ("mountOptions", TEXTS),
        ])),
    ),
]);

const LOG: Shape = Object(&[
    ("logDriver", OneOf(LOG_DRIVERS)),
    ("options", Any),
    ("secretOptions", List(&SECRET)),
]);

const MOUNT_POINT: Shape = Object(&[
    ("sourceVolume", Text),
    ("containerPath", Text),
    ("readOnly", Flag),
]);

const PORT_MAPPING: Shape = Object(&[
    ("appProtocol", OneOf(&["http", "http2", "grpc"])),
    ("containerPort", Whole),
    ("containerPortRange", Text),
    ("hostPort", Whole),
    ("name", Text),
    ("protocol", Text),
]);

const RESOURCE: Shape = Object(&[
    (
        "type",
        OneOf(&["GPU", "InferenceAccelerator", "NeuronDevice"]),
    ),
    ("value", Size),
]);

const RESTART: Shape = Object(&[
    ("enabled", Flag),
    ("ignoredExitCodes", List(&Whole)),
    ("restartAttemptPeriod", Whole),
]);

const VOLUME: Shape = Object(&[
    ("configuredAtLaunch", Flag),
    (
        "dockerVolumeConfiguration",
        Object(&[
            ("autoprovision", Flag),
            ("driver", Text),
            ("driverOpts", Any),
            ("labels", Any),
            ("scope", OneOf(&["task", "shared"])),
        ]),
    ),
    (
        "efsVolumeConfiguration",
        Object(&[
            (
                "authorizationConfig",
                Object(&[("accessPointId", Text), ("iam", Text)]),
            ),
            ("fileSystemId", Text),
            ("rootDirectory", Text),
            ("transitEncryption", Text),
            ("transitEncryptionPort", Whole),
        ]),
    ),
    (
        "fsxWindowsFileServerVolumeConfiguration",
        Object(&[
            (
                "authorizationConfig",
                Object(&[("credentialsParameter", Text), ("domain", Text)]),
            ),
            ("fileSystemId", Text),
            ("rootDirectory", Text),
        ]),
    ),
    ("host", Object(&[("sourcePath", Text)])),
    ("name", Text),
    ("s3filesVolumeConfiguration", Any),
]);
