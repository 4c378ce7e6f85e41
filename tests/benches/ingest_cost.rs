//! What it costs to be supervised and durable: `ingest` beside a plain rayon loop.
//!
//! Whole processes, run in turn on one tree whose files are in the page cache; medians and their
//! ratio. Then the memory at ten times as many files.
//!
//! `cargo bench -p klaw-tests --bench ingest_cost [-- FILES [ROUNDS]]`

use klaw_tests::{Program, Run, generate};
use std::{
    path::Path,
    time::{Duration, Instant},
};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let files = numbers.next().unwrap_or(20_000);
    let rounds = numbers.next().unwrap_or(21);
    let ingest = Program::example("klaw-smol", "ingest", true);
    let plain = Program::example("klaw-tests", "plain", true);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");

    let tree = folder.path().join("tree");
    generate(&tree, files, 4096, 1).expect("the tree can be written");
    let state = folder.path().join("state");
    let supervised = || {
        std::fs::remove_dir_all(&state).ok();
        timed(|| run(&ingest, &tree, &state))
    };
    let bare = || timed(|| plain.run(&[text(&tree)]));
    let digest = supervised().1.json()["digest"].as_str().map(str::to_owned);
    let (_, checked) = bare();
    assert_eq!(digest.as_deref(), checked.stdout.lines().last(), "both read the same");

    let (mut a, mut b) = (vec![], vec![]);
    for round in 0..rounds {
        // In turn, and each first in every other round.
        if round % 2 == 0 {
            a.push(supervised().0);
            b.push(bare().0);
        } else {
            b.push(bare().0);
            a.push(supervised().0);
        }
    }
    let mut ratios: Vec<_> =
        a.iter().zip(&b).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{files} files, {rounds} rounds, whole processes, medians");
    println!("  ingest       {:>8.1} ms", median(&mut a));
    println!("  plain rayon  {:>8.1} ms", median(&mut b));
    println!(
        "  ratio        {:>8.2}    quartiles {:.2} to {:.2}",
        ratios[rounds / 2],
        ratios[rounds / 4],
        ratios[rounds * 3 / 4]
    );

    let small = memory(&ingest, &tree, &folder.path().join("small"));
    let large_tree = folder.path().join("large");
    generate(&large_tree, 10 * files, 256, 2).expect("the tree can be written");
    let large = memory(&ingest, &large_tree, &folder.path().join("large-state"));
    println!("peak memory, without the table of all files");
    for (files, (peak, table)) in [(files, small), (10 * files, large)] {
        println!(
            "  {files:>7} files {:>8.1} MB   (peak {:.1} MB, table {:.1} MB)",
            mb(peak - table),
            mb(peak),
            mb(table)
        );
    }
    println!("  ratio        {:>9.2}", mb(large.0 - large.1) / mb(small.0 - small.1));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn run(ingest: &Program, tree: &Path, state: &Path) -> Run {
    let run = ingest.run(&[text(tree), "--state", text(state), "--json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run
}

fn timed<T>(f: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let value = f();
    (begun.elapsed(), value)
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// The peak and the table of a run, in bytes.
fn memory(ingest: &Program, tree: &Path, state: &Path) -> (u64, u64) {
    let report = run(ingest, tree, state).json();
    let figure = |name: &str| report[name].as_u64().expect("the report has the figure");
    (figure("peak_rss_bytes"), figure("table_bytes"))
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
