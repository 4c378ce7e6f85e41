//! All medians, for other programs.

use super::{Verdict, host};
use crate::peers::Peer;
use serde_json::{Map, Value, json};
use std::{fs, io, path::Path};

pub fn write(path: &Path, peers: &[Peer], verdicts: &[Verdict<'_>]) -> io::Result<()> {
    let facts: Map<String, Value> =
        host::facts().into_iter().map(|(what, is)| (what.into(), is.into())).collect();
    let versions: Map<String, Value> = host::packages(peers)
        .into_iter()
        .map(|package| (package.into(), host::version(package).into()))
        .collect();
    let cells: Vec<Value> = verdicts.iter().map(cell).collect();
    let all = json!({ "host": facts, "versions": versions, "cells": cells });
    fs::write(path, format!("{all:#}\n"))
}

fn cell(verdict: &Verdict<'_>) -> Value {
    let readings: Map<String, Value> = verdict
        .peers
        .iter()
        .zip(&verdict.readings)
        .filter_map(|(peer, reading)| {
            let reading = reading.as_ref()?;
            let value = json!({
                "median": reading.stats.median,
                "lower": reading.stats.lower,
                "upper": reading.stats.upper,
                "cores": reading.cores,
                "kept": reading.kept,
                "rounds": reading.rounds,
            });
            Some((peer.name.into(), value))
        })
        .collect();
    let ratios: Map<String, Value> = verdict
        .ratios()
        .into_iter()
        .map(|r| (r.ours.into(), json!({ "best": r.best, "ratio": r.ratio })))
        .collect();
    json!({ "name": verdict.cell.name, "readings": readings, "ratios": ratios })
}
