//! Files, pictures and text of capacity and incidents, of hand-made runs.

use crate::cost::{Summary, bill};
use crate::record::testing::{Stage, elastic, elastic_scenario, serving};
use crate::record::{RecordOptions, Run};

use super::tests::written;
use super::text::Style;
use super::{OutputDir, csv, plots, text, write_all};

const WITH_ROWS: RecordOptions = RecordOptions { tasks: true };
const WITHOUT: RecordOptions = RecordOptions { tasks: false };

#[test]
fn managed_scaling_csv_has_a_row_a_minute() {
    let run = elastic(|_| (), WITH_ROWS);
    insta::assert_snapshot!(written(|to| csv::managed_scaling(&run, to)), @r#"
    time_ms,capacity_provider,instances_running,instances_needed,reservation_percent,target_capacity,alarm,low_datapoints,provisioning_tasks,instances_pending,desired,decision,new_desired,reason
    60000,cp,0,3,200,100,HIGH,0,3,0,0,scale-out,3,3 tasks wait and no instance runs: two come first
    120000,cp,3,3,100,100,OK,0,0,0,3,none,,"3 of 3 instances are needed, as the target of 100 % has it"
    480000,cp,2,3,150,100,HIGH,0,1,0,2,held-back,,"instances launched 1m ago are still warming up, for 5m each"
    1200000,cp,3,0,0,100,LOW,15,0,0,3,scale-in,1,"low for 15 minutes: 0 of 3 instances are needed, less than half of the group goes in a minute"
    "#);
    let without = elastic(|_| (), WITHOUT);
    let header = written(|to| csv::managed_scaling(&without, to));
    assert_eq!(header.lines().count(), 1);
}

#[test]
fn auto_scaling_groups_csv_has_a_row_a_change_by_time() {
    let run = elastic(|_| (), WITHOUT);
    insta::assert_snapshot!(written(|to| csv::auto_scaling_groups(&run, to)), @r"
    time_ms,auto_scaling_group,desired,pending,in_service,terminating,warmed
    0,asg,0,0,0,0,0
    0,solo,1,1,0,0,0
    60000,asg,3,3,0,0,0
    75000,asg,3,0,3,0,0
    75000,solo,1,0,1,0,0
    90000,solo,0,0,0,0,0
    420000,asg,3,0,2,0,0
    600000,asg,3,1,2,0,0
    615000,asg,3,0,3,0,0
    1200000,asg,1,0,1,2,0
    1230000,asg,1,0,1,0,0
    ");
}

#[test]
fn spot_pools_csv_has_a_row_a_change_by_time() {
    let run = elastic(|_| (), WITHOUT);
    insta::assert_snapshot!(written(|to| csv::spot_pools(&run, to)), @r"
    time_ms,instance_type,availability_zone,running,launched,rebalance_recommendations,interruption_notices,interruptions
    75000,small,a,1,1,0,0,0
    75000,small,b,1,1,0,0,0
    300000,small,a,1,1,1,1,0
    420000,small,a,0,1,1,1,1
    615000,small,a,1,2,1,1,1
    1230000,small,b,0,1,0,0,0
    ");
}

#[test]
fn the_columns_of_capacity_are_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outputs.md");
    let page = std::fs::read_to_string(path).unwrap();
    let files = [
        ("## managed_scaling.csv", &csv::MANAGED_SCALING_COLUMNS[..]),
        ("## auto_scaling_groups.csv", &csv::GROUP_COLUMNS[..]),
        ("## spot_pools.csv", &csv::SPOT_POOL_COLUMNS[..]),
    ];
    for (title, columns) in files {
        let section = page.split(title).nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        for column in columns {
            assert!(
                section.contains(&format!("`{column}`")),
                "{title}: {column}"
            );
        }
    }
}

fn names(run: &Run) -> Vec<String> {
    let bill = bill(run);
    let parent = tempfile::tempdir().unwrap();
    let directory = OutputDir::prepare(parent.path(), false).unwrap();
    let written = write_all(&directory, run, &bill, &Summary::new(run, &bill)).unwrap();
    let names = written
        .iter()
        .map(|path| path.strip_prefix(parent.path()).unwrap());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let of_capacity = ["scaling", "groups", "capacity", "spot"];
    names
        .filter(|name| of_capacity.iter().any(|word| name.contains(word)))
        .collect()
}

#[test]
fn capacity_has_files_and_pictures_where_there_is_any() {
    let expected = [
        "managed_scaling.csv",
        "auto_scaling_groups.csv",
        "spot_pools.csv",
        "plots/capacity-provider-cp.svg",
        "plots/spot.svg",
    ];
    assert_eq!(names(&elastic(|_| (), WITH_ROWS)), expected);
    let mut groups_alone = elastic_scenario();
    groups_alone.capacity_providers.clear();
    groups_alone.spot_pools.clear();
    let run = Stage::new(groups_alone, WITH_ROWS).end();
    assert_eq!(names(&run), ["auto_scaling_groups.csv"]);
    assert_eq!(names(&serving(|_| (), WITH_ROWS)), Vec::<String>::new());
}

fn provider_picture(run: &Run) -> String {
    let (name, row) = plots::capacity_providers(run).remove(0);
    assert_eq!(name, "cp");
    plots::capacity_provider(run, row).unwrap()
}

#[test]
fn the_picture_of_a_provider_shows_what_managed_scaling_saw_and_did() {
    let picture = provider_picture(&elastic(|_| (), WITH_ROWS));
    for words in [
        "stage: instances of capacity provider cp",
        "in service (N)",
        "needed (M)",
        "desired",
        "scale-out",
        "scale-in",
        "stage: CapacityProviderReservation of cp",
        "targetCapacity",
        "stage: tasks waiting for cp",
        "PROVISIONING",
    ] {
        assert!(picture.contains(words), "no {words} in {picture}");
    }
    // A triangle in the plane and one in the legend, for either kind.
    assert_eq!(picture.matches("<polygon").count(), 4 + filled(&picture));
}

/// How many filled areas a picture has: polygons that are mixed with the ground.
fn filled(picture: &str) -> usize {
    picture.matches("opacity=\"0.18\"").count()
}

#[test]
fn a_provider_without_managed_scaling_shows_its_instances_alone() {
    let mut scenario = elastic_scenario();
    if let crate::scenario::CapacityProviderKind::AutoScalingGroup {
        managed_scaling, ..
    } = &mut scenario.capacity_providers[0].kind
    {
        *managed_scaling = None;
    }
    let mut stage = Stage::new(scenario, WITH_ROWS);
    stage.group(0, [2, 2, 0, 0]);
    let picture = provider_picture(&stage.end());
    assert!(picture.contains("in service (N)"), "{picture}");
    for words in ["needed (M)", "Reservation", "PROVISIONING", "scale-out"] {
        assert!(!picture.contains(words), "{words} in {picture}");
    }
}

#[test]
fn the_picture_of_spot_shows_pools_and_what_is_taken_back() {
    let spot = |run: &Run| plots::spot(run).unwrap().unwrap();
    let picture = spot(&elastic(|_| (), WITH_ROWS));
    for words in [
        "stage: Spot Instances",
        "RUNNING",
        "taken back by EC2",
        "small a",
        "small b",
    ] {
        assert!(picture.contains(words), "no {words} in {picture}");
    }
    assert_eq!(picture.matches("<polygon").count(), 2 + filled(&picture));
    let unused = spot(&Stage::new(elastic_scenario(), WITH_ROWS).end());
    assert!(
        unused.contains("No Spot Instance was launched."),
        "{unused}"
    );
    assert!(plots::spot(&serving(|_| (), WITH_ROWS)).is_none());
}

/// The summary as text, from the first line that begins so, to the last line but the footer.
fn said(run: &Run, from: &str, width: usize) -> String {
    let style = Style {
        color: false,
        width,
    };
    let text = text::summary(&Summary::new(run, &bill(run)), style);
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with(from))
        .collect();
    lines[..lines.len().saturating_sub(2)].join("\n")
}

#[test]
fn capacity_is_told_with_a_table_of_decisions() {
    let run = elastic(|scenario| scenario.services.truncate(1), WITHOUT);
    insta::assert_snapshot!(said(&run, "Capacity provider", 100), @r"
    Capacity provider cp (Auto Scaling group asg) launched 4 instances, at most 3 at a time,
      1.07 instance-hours; ended: scale-in 2, spot-interruption 1; EC2 refused launches 2 times, and it
      had fewer than desired for 3 min.
    - CapacityProviderReservation, M needed over N running instances, was 112 % on average, from 0 % to
      200 %, its target 100 %; at most 3 tasks waited in PROVISIONING.
    - It scaled out once and in once, and was held back in 1 minute. Its 4 minutes: at target 1,
      scaled in 1, scaled out from none 1, warming up 1.
    time    N  M  metric  alarm  desired  why
    1 min   0  3   200 %   HIGH   0 -> 3  3 tasks wait and no instance runs: two come first
    20 min  3  0     0 %    LOW   3 -> 1  low for 15 minutes: 0 of 3 instances are needed, less than
                                            half of the group goes in a minute

    Auto Scaling group solo launched 1 instance, <0.01 instance-hours; ended: scale-in 1.

    Spot: 3 instances launched, 0.75 instance-hours in 2 pools; 1 rebalance recommendation,
      1 interruption notice, 1 instance taken back with 2 tasks, 4 min 15 s of work lost
      (0.03 vCPU-hours); EC2 had less Spot capacity than was asked for, for 3 min in all.
    - Instances taken back by pool: small in a 1 of 2.

    service  desired  running  healthy mean  availability  started  lost  stopped   cost
    shop           0        0           0.0         100 %        1     1        0  $0.00
    - shop: tasks that ended unasked: Host EC2 terminated 1.
    ");
}

#[test]
fn incidents_are_told_in_a_line_or_two() {
    let run = serving(|_| (), WITHOUT);
    insta::assert_snapshot!(said(&run, "Incident", 100), @r"
    Incident storm (registryUnavailable) from 50 s to 55 s: 1 instance ended without a task; capacity
      fell from 3 to 2 instances (3,000 to 2,000 CPU units), back after 5 s; shop fell from 4 to
      0 running tasks, as many as desired after 15 s.
    Incident flood (registryUnavailable) from 1 min 10 s to the end: neither capacity nor a service
      fell.
    ");
}
