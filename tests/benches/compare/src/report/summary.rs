//! All cells on one page.

use super::{Ratio, Verdict};

pub fn print(verdicts: &[Verdict<'_>]) {
    let mut ours: Vec<&'static str> = vec![];
    let ratios: Vec<(&str, Ratio)> = verdicts
        .iter()
        .flat_map(|verdict| verdict.ratios().into_iter().map(|r| (verdict.cell.name.as_str(), r)))
        .collect();
    for (_, ratio) in &ratios {
        if !ours.contains(&ratio.ours) {
            ours.push(ratio.ours);
        }
    }
    for name in ours {
        let of_this: Vec<_> = ratios.iter().filter(|(_, ratio)| ratio.ours == name).collect();
        println!("\n## {name}: the best peer's time by its own\n");
        println!("| cell | {name}, ns | best peer | ratio |\n|---|--:|---|--:|");
        for (cell, ratio) in &of_this {
            println!("| {cell} | {:.1} | {} | {} |", ratio.time, ratio.best, shown(ratio));
        }
        let logs: f64 = of_this.iter().map(|(_, ratio)| ratio.ratio.ln()).sum();
        let mean = (logs / of_this.len() as f64).exp();
        let unsure = of_this.iter().filter(|(_, ratio)| !ratio.sure).count();
        println!("\nGeometric mean {mean:.2} over {} cells.", of_this.len());
        if unsure > 0 {
            println!("In {unsure} of them (~) the cores were busy with other things: no verdict.");
        }
        let mut behind: Vec<_> = of_this.iter().filter(|(_, ratio)| ratio.ratio < 1.0).collect();
        behind.sort_by(|a, b| a.1.ratio.total_cmp(&b.1.ratio));
        println!("Behind in {}:\n", behind.len());
        for (cell, ratio) in behind {
            println!("- {} {cell} ({})", shown(ratio), ratio.best);
        }
    }
}

fn shown(ratio: &Ratio) -> String {
    format!("{}{:.2}", if ratio.sure { "" } else { "~" }, ratio.ratio)
}
