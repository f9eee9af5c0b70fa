//! What a definition is made for: operating system, architecture, network, Fargate.

use crate::model::{CpuArchitecture, LaunchType, NetworkMode};

use super::reader::{Findings, Node};

/// What a definition is made for.
#[derive(Debug)]
pub(super) struct Platform<'a> {
    /// The launch types of `requiresCompatibilities`, each once.
    pub(super) requires_compatibilities: Vec<LaunchType>,
    pub(super) architecture: CpuArchitecture,
    /// As written; LINUX when absent.
    pub(super) operating_system_family: Option<&'a str>,
    pub(super) windows: bool,
    pub(super) network_mode: NetworkMode,
    /// Whether `requiresCompatibilities` asks ECS to hold the definition to Fargate's rules.
    pub(super) fargate: bool,
}

/// Reads and checks them.
pub(super) fn read<'a>(root: &Node<'a>, findings: &mut Findings) -> Platform<'a> {
    let compatibilities = root.list("requiresCompatibilities");
    let requires = |name: &str| {
        compatibilities
            .iter()
            .any(|c| c.value.as_str() == Some(name))
    };
    let fargate = requires("FARGATE");
    let launch_types = [
        LaunchType::Ec2,
        LaunchType::Fargate,
        LaunchType::External,
        LaunchType::ManagedInstances,
    ];
    let requires_compatibilities = launch_types
        .into_iter()
        .filter(|launch_type| requires(launch_type.name()))
        .collect();
    let runtime = root.get("runtimePlatform");
    let said = |key: &str| runtime.as_ref().and_then(|runtime| runtime.text(key));
    let operating_system_family = said("operatingSystemFamily");
    let windows = operating_system_family.is_some_and(|family| family.starts_with("WINDOWS"));
    let architecture = match said("cpuArchitecture") {
        Some("ARM64") => CpuArchitecture::Arm64,
        _ => CpuArchitecture::X86_64,
    };
    if windows && architecture == CpuArchitecture::Arm64 {
        let path = root.path_of("runtimePlatform.cpuArchitecture");
        findings.error(path, "Windows containers run on X86_64 only");
    }
    let network_mode = network_mode(root, windows, findings);
    if fargate {
        refuse_on_fargate(root, findings);
    }
    Platform {
        requires_compatibilities,
        architecture,
        operating_system_family,
        windows,
        network_mode,
        fargate,
    }
}

fn network_mode(root: &Node<'_>, windows: bool, findings: &mut Findings) -> NetworkMode {
    let path = root.path_of("networkMode");
    let written = root.text("networkMode");
    let mode = match written {
        Some("awsvpc") => NetworkMode::Awsvpc,
        Some("host") => NetworkMode::Host,
        Some("none") => NetworkMode::None,
        Some("default") => NetworkMode::Default,
        Some("bridge") => NetworkMode::Bridge,
        _ if windows => NetworkMode::Default,
        _ => NetworkMode::Bridge,
    };
    match mode {
        NetworkMode::Bridge | NetworkMode::Host | NetworkMode::None if windows => {
            let name = written.unwrap_or_default();
            let message = format!("Windows containers have no network mode `{name}`");
            findings.error_with_hint(path, message, "`default` or `awsvpc`");
        }
        NetworkMode::Default if !windows => {
            let message = "the network mode `default` is for Windows containers";
            findings.error_with_hint(path, message, "`bridge`, `host`, `awsvpc` or `none`");
        }
        _ => {}
    }
    mode
}

/// What a definition may not hold when it is to run on Fargate.
fn refuse_on_fargate(root: &Node<'_>, findings: &mut Findings) {
    if root.text("networkMode") != Some("awsvpc") {
        let path = root.path_of("networkMode");
        findings.error_with_hint(path, "Fargate needs `awsvpc`", "networkMode: awsvpc");
    }
    let mut refuse = |path: String, what: &str| {
        findings.error(path, format!("Fargate does not support `{what}`"));
    };
    if root.get("ipcMode").is_some() {
        refuse(root.path_of("ipcMode"), "ipcMode");
    }
    for container in root.list("containerDefinitions") {
        for flag in ["disableNetworking", "privileged"] {
            if container.flag(flag) == Some(true) {
                refuse(container.path_of(flag), flag);
            }
        }
        for list in [
            "dnsSearchDomains",
            "dnsServers",
            "dockerSecurityOptions",
            "extraHosts",
            "links",
        ] {
            if !container.list(list).is_empty() {
                refuse(container.path_of(list), list);
            }
        }
        if let Some(parameters) = container.get("linuxParameters") {
            for key in ["maxSwap", "swappiness"] {
                if parameters.get(key).is_some() {
                    refuse(parameters.path_of(key), key);
                }
            }
        }
        if let Some(log) = container.get("logConfiguration")
            && let Some(driver) = log.text("logDriver")
            && !["awsfirelens", "awslogs", "splunk"].contains(&driver)
        {
            refuse(log.path_of("logDriver"), driver);
        }
    }
}
