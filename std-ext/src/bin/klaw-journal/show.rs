//! The records of one journal.

use crate::{
    args::Show,
    contents::started_workflow,
    failure::Failure,
    hex::{Digits, Key, Row},
    output::Output,
    verify,
};
use core::ops::ControlFlow;
use klaw_std::{
    Change,
    journal::{Found, RecordKind, inspect},
};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Prints the records, and how the journal ends; says whether it is sound.
pub fn run(what: &Show, out: &mut Output<impl Write>) -> Result<bool, Failure> {
    if !what.json {
        let head = format!(
            "{:>8} {:>6} {:>12} {:<9} {:>6} {:>9}  KEY",
            "SEQ", "EPOCH", "OFFSET", "KIND", "SCHEMA", "BYTES"
        );
        out.line(head).map_err(Failure::Print)?;
    }
    let seen = inspect(&what.file, |found| {
        if found.record.header.seq < what.from {
            return ControlFlow::Continue(());
        }
        let printed = if what.json {
            out.line(as_json(found, what.payload))
        } else {
            row(found, what.payload, out)
        };
        match printed {
            Ok(()) if out.is_closed() => ControlFlow::Break(None),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(Some(error)),
        }
    })?;
    let seen = match seen {
        ControlFlow::Continue(seen) => seen,
        ControlFlow::Break(None) => return Ok(true),
        ControlFlow::Break(Some(error)) => return Err(Failure::Print(error)),
    };
    let (sound, words) = (verify::is_sound(&seen), verify::in_words(&seen));
    let line = if what.json {
        json!({ "end": seen.end, "sound": sound, "in_use": seen.in_use, "says": words }).to_string()
    } else {
        words
    };
    out.line(line).map_err(Failure::Print)?;
    Ok(sound)
}

fn row(found: Found<'_>, payload: bool, out: &mut Output<impl Write>) -> io::Result<()> {
    let Found { offset, record } = found;
    let header = record.header;
    let key = match Change::of(&record) {
        _ if header.kind.is_system() => String::new(),
        Some(Change::Saved { key, .. } | Change::Removed { key }) => Key(key).to_string(),
        None => match started_workflow(&record) {
            Some(id) => Key(id.as_bytes()).to_string(),
            None => format!("{:016x}", header.key),
        },
    };
    out.line(format_args!(
        "{:>8} {:>6} {offset:>12} {:<9} {:>6} {:>9}  {key}",
        header.seq,
        header.epoch,
        kind(found),
        header.schema,
        record.payload.len(),
    ))?;
    if payload {
        for (at, bytes) in record.payload.chunks(16).enumerate() {
            out.line(Row { at: at * 16, bytes })?;
        }
    }
    Ok(())
}

/// What a record is, in a word.
fn kind(Found { record, .. }: Found<'_>) -> String {
    match record.header.kind {
        RecordKind::OPENED => "opened".into(),
        RecordKind::CLOSED => "closed".into(),
        kind if kind.is_system() => format!("mark {}", kind.as_u8()),
        kind => match Change::of(&record) {
            Some(Change::Saved { .. }) => "saved".into(),
            Some(Change::Removed { .. }) => "removed".into(),
            None if started_workflow(&record).is_some() => "started".into(),
            None => format!("user {}", kind.as_u8()),
        },
    }
}

fn as_json(found: Found<'_>, payload: bool) -> Value {
    let Found { offset, record } = found;
    let header = record.header;
    let mut object = json!({
        "seq": header.seq,
        "epoch": header.epoch,
        "offset": offset,
        "synced_upto": header.synced_upto,
        "kind": kind(found),
        "kind_number": header.kind.as_u8(),
        "schema": header.schema,
        // As text: not every reader of JSON has numbers of 64 bits.
        "key_hash": format!("{:016x}", header.key),
        "bytes": record.payload.len(),
    });
    let id = started_workflow(&record);
    match Change::of(&record) {
        Some(Change::Saved { key, value }) => {
            object["key"] = text(key);
            object["value_bytes"] = json!(value.len());
        }
        Some(Change::Removed { key }) => object["key"] = text(key),
        None if id.is_some() => object["workflow"] = json!(id),
        None => {}
    }
    if payload {
        object["payload"] = json!(Digits(record.payload).to_string());
    }
    object
}

/// A key as text, or as digits if it is none.
fn text(key: &[u8]) -> Value {
    match core::str::from_utf8(key) {
        Ok(text) => json!(text),
        Err(_) => json!({ "hex": Digits(key).to_string() }),
    }
}
