//! The figures, as markdown.

#[path = "../report/host_facts.rs"]
mod host_facts;

use crate::{measure, opening, options::Options, writers};
use host_facts::{facts, version};

const PACKAGES: [&str; 4] = ["fjall", "klaw-std", "redb", "rusqlite"];

pub fn host(options: &Options) {
    println!("# klaw's journal beside other ways to make a step durable\n");
    for (what, is) in facts() {
        println!("- {what}: {is}");
    }
    let versions = PACKAGES.map(|package| format!("{package} {}", version(package)));
    println!("- versions: {}, SQLite {}", versions.join(", "), rusqlite::version());
    println!("- samples: {} rounds of {} durable writes", options.rounds, options.writes);
    println!("- files in: {}", options.dir.display());
}

pub fn steps(title: &str, readings: &[measure::Reading]) {
    println!("\n#### {title}\n");
    println!("| | flushes | p50 us | x append | p99 us | processor us |");
    println!("|---|--:|--:|--:|--:|--:|");
    for measure::Reading { name, flushes, p50, p99, processor, ratio } in readings {
        println!(
            "| {name} | {flushes} | {:.1} ±{:.0}% | {ratio:.2} | {p99:.0} | {processor:.1} |",
            p50.median,
            p50.spread()
        );
    }
}

pub fn writers(readings: &[writers::Reading]) {
    println!("\n#### Eight writers, 1 KiB each time\n");
    println!("| | wall us per write | x a journal for each | writes per sync |");
    println!("|---|--:|--:|--:|");
    for writers::Reading { name, wall, shared, ratio } in readings {
        println!(
            "| {name} | {:.1} ±{:.0}% | {ratio:.2} | {shared:.1} |",
            wall.median,
            wall.spread()
        );
    }
}

pub fn openings(readings: &[opening::Reading]) {
    println!("\n#### Opening a journal and seeing all its records\n");
    println!("| payload | records | MB | processor s | wall s | records per s |");
    println!("|--:|--:|--:|--:|--:|--:|");
    for opening::Reading { payload, records, megabytes, processor, wall } in readings {
        println!(
            "| {payload} | {records} | {megabytes:.0} | {:.3} ±{:.0}% | {:.3} ±{:.0}% | {:.2} M |",
            processor.median,
            processor.spread(),
            wall.median,
            wall.spread(),
            *records as f64 / wall.median / 1e6
        );
    }
}
