//! Filters: what each term selects, and what is said of a faulty one.

use super::{FilterError, FilterExpression};
use crate::catalog::Catalog;

fn names(catalog: &Catalog, text: &str) -> String {
    let filter = FilterExpression::parse(text, catalog).unwrap();
    let found = catalog.filter(&filter, "us-east-1");
    found
        .iter()
        .map(|entry| entry.name.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_kind_of_term_selects() {
    let catalog = Catalog::builtin();
    let cases = [
        ("m5.*arge vcpu<4", "m5.large"),
        (
            "m5a vcpu<=32",
            "m5a.large m5a.xlarge m5a.2xlarge m5a.4xlarge m5a.8xlarge",
        ),
        ("t?.micro", "t1.micro t2.micro t3.micro"),
        ("C5.Large", "c5.large"),
        ("m5, memory<=16GiB", "m5.large m5.xlarge"),
        ("m5 memory<=16384", "m5.large m5.xlarge"),
        ("m5 memory=8gb", "m5.large"),
        ("c4 memory=7.5GiB", "c4.xlarge"),
        ("m4 registered>7984 registered<=7985", "m4.large"),
        ("gpu>=8 vcpu<=64", "p3.16xlarge"),
        ("m7g  ,  vcpu!=1,vcpu<=4", "m7g.large m7g.xlarge"),
        (
            "*.medium arch=arm64 price<0.035",
            "a1.medium c6g.medium t4g.medium",
        ),
        ("*.nano arch!=arm64", "t2.nano t3.nano t3a.nano"),
        ("*.nano hypervisor=xen", "t2.nano"),
        (
            "burstable=true vcpu>=8 hypervisor=nitro",
            "t3.2xlarge t3a.2xlarge t4g.2xlarge",
        ),
        ("c5 metal=true", "c5.metal"),
        ("c5 awsvpc=2", "c5.large"),
        ("p5 trunk>=182", "p5.48xlarge"),
        ("m5 price==0.096", "m5.large"),
        ("inf2 gpu>0", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(names(&catalog, text), expected, "{text}");
    }
}

#[test]
fn no_terms_select_everything() {
    let catalog = Catalog::builtin();
    for text in ["", " , ", "*", "vcpu>=1"] {
        let filter = FilterExpression::parse(text, &catalog).unwrap();
        assert_eq!(
            catalog.filter(&filter, "us-east-1").len(),
            catalog.entries().len()
        );
    }
}

#[test]
fn a_type_without_a_price_meets_no_price_term() {
    let catalog = Catalog::builtin();
    for text in ["price<1000000", "price>=0", "price!=5"] {
        let filter = FilterExpression::parse(text, &catalog).unwrap();
        assert!(catalog.filter(&filter, "nowhere-1").is_empty(), "{text}");
    }
}

fn assert_faults(cases: &[(&str, usize, &str, Option<&str>)]) {
    let catalog = Catalog::builtin();
    for &(text, offset, problem, hint) in cases {
        let (problem, hint) = (problem.to_owned(), hint.map(str::to_owned));
        let expected = FilterError {
            offset,
            problem,
            hint,
        };
        let error = FilterExpression::parse(text, &catalog).unwrap_err();
        assert_eq!(error, expected, "{text}");
    }
}

#[test]
fn an_unknown_word_is_pointed_at_with_the_nearest_one() {
    assert_faults(&[
        (
            "m5 vcpus>=4",
            3,
            "nothing to compare is called `vcpus`",
            Some("vcpu"),
        ),
        (
            "m5.lagre",
            0,
            "no instance type `m5.lagre`",
            Some("m5.large"),
        ),
        (
            "*.large,m7-flex",
            8,
            "no family `m7-flex`",
            Some("m7i-flex"),
        ),
        (
            "arch=amr64",
            5,
            "`arch` is one of x86_64, arm64, not `amr64`",
            Some("arm64"),
        ),
        (
            "memory<=16Gi",
            8,
            "`16gi` is not a size such as 8192 or 8GiB",
            Some("GiB"),
        ),
        (
            "vcpu >= 4",
            0,
            "`vcpu` needs a comparison without blanks: `vcpu=...`",
            None,
        ),
        ("é vcpu>x", 0, "no family `é`", None),
    ]);
}

#[test]
fn a_faulty_comparison_is_pointed_at() {
    let blanks =
        |sign: &str| format!("`{sign}` needs a word on both sides and no blanks: `vcpu{sign}4`");
    assert_faults(&[
        (
            "arch<arm64",
            4,
            "`arch` is a word: `=` or `!=`, not `<`",
            None,
        ),
        (
            "price<cheap",
            6,
            "`cheap` is not a price in USD an hour such as 0.096",
            None,
        ),
        ("m5 >=4", 3, &blanks(">="), None),
        ("m5 gpu>", 6, &blanks(">"), None),
        ("gpu!4", 3, "`!` alone compares nothing", Some("!=")),
        ("gpu>-1", 4, "`-1` is not a number", None),
    ]);
}

#[test]
fn an_error_reads_as_a_sentence() {
    let error = FilterExpression::parse("vpcu>1", &Catalog::builtin()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at offset 0: nothing to compare is called `vpcu`; did you mean `vcpu`?"
    );
}

#[test]
fn hostile_filters_never_panic() {
    let catalog = Catalog::builtin();
    let long = "*?".repeat(100_000);
    for text in [
        long.as_str(),
        "<",
        "=!=",
        "memory<9999999999999TiB",
        "ß=ß",
        "[*",
        "(?*",
    ] {
        if let Ok(filter) = FilterExpression::parse(text, &catalog) {
            catalog.filter(&filter, "us-east-1");
        }
    }
}
