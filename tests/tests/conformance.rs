//! No scenario is missing on an executor without a word, and the table says what came of each.

use klaw_tests::conformance::{RUNNERS, Table, listed};

#[test]
fn every_executor_has_the_same_scenarios() {
    let listed = listed();
    assert_eq!(listed.len(), RUNNERS.len());
    let (_, expected) = listed.first_key_value().unwrap();
    assert!(expected.len() >= 163, "110 besides the 53 of scopes: {}", expected.len());
    for (executor, scenarios) in &listed {
        let differ = |here: &[String], there: &[String]| {
            here.iter().filter(|name| !there.contains(name)).cloned().collect::<Vec<_>>()
        };
        assert_eq!(differ(expected, scenarios), [""; 0], "missing on {executor}");
        assert_eq!(differ(scenarios, expected), [""; 0], "only on {executor}");
    }
}

/// What a runner says about one scenario, on all of them.
fn all_but_the_last(result: &str, last: &str) -> Table {
    let mut table = Table::default();
    let (&(_, other), most) = RUNNERS.split_last().unwrap();
    for (_, executor) in most {
        table.note(executor, &format!("running 1 test\ntest scenarios::a::b ... {result}\n"));
    }
    table.note(other, last);
    table
}

#[test]
fn a_table_is_complete_if_each_scenario_has_run_or_says_why_not() {
    assert!(!Table::default().is_complete());
    assert!(all_but_the_last("ok", "test a::b ... ok").is_complete());
    let excused = all_but_the_last("ok", "test a::b ... ignored, no threads");
    assert!(excused.is_complete());
    let text = excused.to_string();
    assert!(text.contains("| a::b | ok | ok | ok | ok | ok | ok | no threads |"), "{text}");
    for last in ["", "test a::b ... FAILED", "test a::b ... ignored"] {
        assert!(!all_but_the_last("ok", last).is_complete(), "{last}");
    }
    assert!(all_but_the_last("ok", "").to_string().contains("| MISSING |"));
}
