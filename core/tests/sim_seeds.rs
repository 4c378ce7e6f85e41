//! Many seeds: the first that fails, and how it is run again.

#![cfg(feature = "std")]

use core::{cell::RefCell, future::pending, time::Duration};
use klaw::{
    Clock,
    sim::{self, Injection, Verdict},
};
use std::{
    env,
    panic::catch_unwind,
    process::{Command, Output},
};

/// What a run that fails says.
fn failure<V: Verdict>(scenario: impl AsyncFnMut(&sim::Sim) -> V) -> String {
    let run = core::panic::AssertUnwindSafe(|| sim::seeds(5..100).run(scenario));
    *catch_unwind(run).unwrap_err().downcast().unwrap()
}

#[test]
fn every_seed_is_run_once_on_a_fresh_simulation() {
    let ran = RefCell::new(vec![]);
    sim::seeds(3..7).run(async |sim| {
        assert_eq!((sim.tasks(), sim.clock().now().as_nanos()), (1, 0));
        sim.spawn(pending());
        sim.inject(Injection::stall(1.0, Duration::from_secs(1)));
        sim.clock().sleep(Duration::from_secs(1)).await;
        ran.borrow_mut().push(sim.seed());
    });
    assert_eq!(ran.take(), [3, 4, 5, 6]);
}

#[test]
fn the_first_seed_that_fails_is_named() {
    let ran = RefCell::new(vec![]);
    let text = failure(async |sim| {
        ran.borrow_mut().push(sim.seed());
        assert!(sim.seed() < 8, "seed too large");
    });
    assert_eq!(ran.take(), [5, 6, 7, 8]);
    assert_eq!(
        text,
        "seed 8: task #0 root panicked at 0ns: seed too large\n\
         to run this seed alone, and traced:\nKLAW_SIM_SEED=8"
    );
}

#[test]
fn errors_panics_deadlocks_and_destructors_fail_a_seed() {
    let text = failure(async |_| Err::<(), _>("no luck"));
    assert!(text.starts_with("seed 5: the scenario gave an error: \"no luck\"\n"), "{text}");

    let text = failure(async |sim| {
        sim.spawn_named("worker", async { panic!("at work") });
        pending::<()>().await;
    });
    assert!(text.starts_with("seed 5: task #1 worker panicked at 0ns: at work\n"), "{text}");

    let text = failure(async |_| pending::<()>().await);
    assert!(text.starts_with("seed 5: deadlock at 0ns"), "{text}");

    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the bomb went off");
        }
    }
    let text = failure(async |sim| {
        let bomb = Bomb;
        sim.spawn(async move {
            let _bomb = bomb;
            pending().await
        });
    });
    assert!(text.starts_with("seed 5: a destructor panicked at the end"), "{text}");
    assert!(text.ends_with("\nKLAW_SIM_SEED=5"), "{text}");
}

/// Runs a test of this binary that is ignored, in a process of its own.
fn child(test: &str, seed: Option<&str>) -> Output {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", test]);
    child.env_remove("KLAW_SIM_SEED");
    if let Some(seed) = seed {
        child.env("KLAW_SIM_SEED", seed);
    }
    child.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn scenario_that_fails_from_seed_17_on() {
    sim::seeds(0..100).run(async |sim| {
        println!("ran {}", sim.seed());
        if sim.seed() >= 17 {
            let clock = sim.clock();
            sim.spawn_named("culprit", async move { clock.sleep(Duration::from_millis(3)).await });
            pending::<()>().await;
        }
    });
}

fn seeds_run(output: &Output) -> Vec<u64> {
    let text = text(&output.stdout);
    text.lines().filter_map(|line| Some(line.split_once("ran ")?.1.parse().unwrap())).collect()
}

#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn a_failing_seed_is_replayed_from_the_environment() {
    let name = "scenario_that_fails_from_seed_17_on";
    let all = child(name, None);
    assert!(!all.status.success());
    assert_eq!(seeds_run(&all), (0..=17).collect::<Vec<_>>());
    let told = text(&all.stderr);
    let line = told.lines().find(|line| line.starts_with("KLAW_SIM_SEED=")).expect(&told);
    assert!(!told.contains("culprit: polled"), "it was not traced: {told}");

    let (_, seed) = line.split_once('=').unwrap();
    let replayed = child(name, Some(seed));
    assert!(!replayed.status.success());
    assert_eq!(seeds_run(&replayed), [17]);
    let told = text(&replayed.stderr);
    assert!(told.contains("deadlock at 3ms"), "{told}");
    assert!(told.contains("  3ms #1 culprit: polled\n"), "it was traced: {told}");

    let passing = child(name, Some("4"));
    assert!(passing.status.success());
    assert_eq!(seeds_run(&passing), [4]);
    let outside = child(name, Some("1000"));
    assert_eq!(seeds_run(&outside), [1_000]);
}

#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn a_seed_that_is_no_number_is_an_error() {
    let output = child("scenario_that_fails_from_seed_17_on", Some("seventeen"));
    assert!(!output.status.success());
    assert_eq!(seeds_run(&output), []);
    let told = text(&output.stderr);
    assert!(told.contains("KLAW_SIM_SEED=seventeen is not a seed: invalid digit"), "{told}");
}

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn scenario_that_passes() {
    sim::seeds(0..10).run(async |sim| sim.spawn(async {}));
}

#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn nothing_is_printed_on_success() {
    let output = child("scenario_that_passes", None);
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
    let stdout = text(&output.stdout);
    assert!(stdout.contains("test scenario_that_passes ... ok\n"), "{stdout}");
}
