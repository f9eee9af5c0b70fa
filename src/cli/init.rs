//! `ecs-sim init`: starter scenarios, the very files that the tests run.

use super::args::InitArgs;
use super::{Failure, print};
use crate::report::OutputFile;
use crate::units::nearest;

/// Name, what it is for, text.
const TEMPLATES: [(&str, &str, &str); 13] = [
    (
        "quickstart",
        "a small fleet, a service-like load and a nightly batch",
        include_str!("../../scenarios/quickstart.yaml"),
    ),
    (
        "strategies",
        "one fleet under spread, binpack and random",
        include_str!("../../scenarios/strategies.yaml"),
    ),
    (
        "compare",
        "variants compared over many seeds, with checks",
        include_str!("../../scenarios/compare-strategies.yaml"),
    ),
    (
        "zones",
        "three zones of unequal size under spread",
        include_str!("../../scenarios/zones.yaml"),
    ),
    (
        "constraints",
        "custom attributes and the cluster query language",
        include_str!("../../scenarios/constraints.yaml"),
    ),
    (
        "gpu",
        "GPU instances and whole-GPU tasks",
        include_str!("../../scenarios/gpu.yaml"),
    ),
    (
        "batch",
        "a batch queue with backfill",
        include_str!("../../scenarios/batch-queue.yaml"),
    ),
    (
        "service",
        "a service that replaces tasks that crash or are lost",
        include_str!("../../scenarios/self-healing.yaml"),
    ),
    (
        "deployment",
        "a rolling deployment in a cluster that is nearly full",
        include_str!("../../scenarios/rolling-deployment.yaml"),
    ),
    (
        "scaling",
        "a service whose tasks follow its load",
        include_str!("../../scenarios/target-tracking.yaml"),
    ),
    (
        "auto-scaling",
        "an Auto Scaling group that a capacity provider scales from zero and back",
        include_str!("../../scenarios/cluster-auto-scaling.yaml"),
    ),
    (
        "spot",
        "two services on Spot Instances in a storm",
        include_str!("../../scenarios/spot-storm.yaml"),
    ),
    (
        "fargate",
        "a service on Fargate and Fargate Spot, which is taken back",
        include_str!("../../scenarios/fargate-spot.yaml"),
    ),
];

/// Prints or writes a template.
pub(super) fn init(args: &InitArgs) -> Result<(), Failure> {
    if args.list {
        let width = TEMPLATES
            .iter()
            .map(|(name, ..)| name.len())
            .max()
            .unwrap_or(0);
        let line = |(name, purpose, _): &(&str, &str, &str)| format!("{name:width$}  {purpose}\n");
        return print(&TEMPLATES.iter().map(line).collect::<String>());
    }
    let wanted = args.template.as_deref().unwrap_or("quickstart");
    let Some((.., text)) = TEMPLATES.iter().find(|(name, ..)| *name == wanted) else {
        let names: Vec<&str> = TEMPLATES.iter().map(|(name, ..)| *name).collect();
        let hint = match nearest(wanted, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("templates: {}", names.join(", ")),
        };
        return Err(Failure::input(format_args!(
            "no template `{wanted}`\nhelp: {hint}"
        )));
    };
    let Some(path) = &args.output else {
        return print(text);
    };
    let file = OutputFile::prepare(path, args.force).map_err(Failure::input)?;
    file.write(|to| to.write_all(text.as_bytes()))
        .map_err(Failure::input)
}
