//! The records of one journal.

use crate::{
    args::Show,
    contents::Contents,
    failure::Failure,
    hex::{Digits, Key, Row},
    output::Output,
    verify,
};
use core::ops::ControlFlow;
use klaw::workflow::Recorded;
use klaw_std::{
    Change,
    journal::{Found, Record, RecordKind, inspect},
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
    let mut contents = Contents::default();
    let seen = inspect(&what.file, |found| {
        if !found.record.header.kind.is_system() {
            contents.take_in(&found.record);
        }
        let meaning = Meaning::of(&found.record, contents);
        if found.record.header.seq < what.from {
            return ControlFlow::Continue(());
        }
        let printed = if what.json {
            out.line(as_json(found, &meaning, what.payload))
        } else {
            row(found, &meaning, what.payload, out)
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

/// What a record says, if that can be told.
enum Meaning<'a> {
    Store(Change<'a>),
    Workflow(Recorded<'a>),
    Unknown,
}

impl<'a> Meaning<'a> {
    /// `contents`: of the journal, up to this record.
    fn of(record: &Record<'a>, contents: Contents) -> Self {
        let meaning = match contents {
            _ if record.header.kind.is_system() => None,
            Contents::Store => Change::of(record).map(Self::Store),
            Contents::Workflow => Recorded::of(record).map(Self::Workflow),
            Contents::Nothing | Contents::Unknown => None,
        };
        meaning.unwrap_or(Self::Unknown)
    }
}

fn row(
    found: Found<'_>,
    meaning: &Meaning<'_>,
    payload: bool,
    out: &mut Output<impl Write>,
) -> io::Result<()> {
    let Found { offset, record } = found;
    let header = record.header;
    let key = match meaning {
        Meaning::Store(Change::Saved { key, .. } | Change::Removed { key }) => Key(key).to_string(),
        Meaning::Workflow(Recorded::Started { id, .. }) => Key(id.as_bytes()).to_string(),
        Meaning::Workflow(Recorded::Done { step, .. } | Recorded::Terminal { step, .. }) => {
            step.to_string()
        }
        _ if header.key == 0 => String::new(),
        _ => format!("{:016x}", header.key),
    };
    out.line(format_args!(
        "{:>8} {:>6} {offset:>12} {:<9} {:>6} {:>9}  {key}",
        header.seq,
        header.epoch,
        kind(found, meaning),
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
fn kind(found: Found<'_>, meaning: &Meaning<'_>) -> String {
    let word = match (found.record.header.kind, meaning) {
        (RecordKind::OPENED, _) => "opened",
        (RecordKind::CLOSED, _) => "closed",
        (kind, _) if kind.is_system() => return format!("mark {}", kind.as_u8()),
        (_, Meaning::Store(Change::Saved { .. })) => "saved",
        (_, Meaning::Store(Change::Removed { .. })) => "removed",
        (_, Meaning::Workflow(Recorded::Started { .. })) => "started",
        (_, Meaning::Workflow(Recorded::Done { .. })) => "done",
        (_, Meaning::Workflow(Recorded::Terminal { .. })) => "terminal",
        (_, Meaning::Workflow(Recorded::Finished { .. })) => "finished",
        (kind, _) => return format!("user {}", kind.as_u8()),
    };
    word.into()
}

fn as_json(found: Found<'_>, meaning: &Meaning<'_>, payload: bool) -> Value {
    let Found { offset, record } = found;
    let header = record.header;
    let mut object = json!({
        "seq": header.seq,
        "epoch": header.epoch,
        "offset": offset,
        "synced_upto": header.synced_upto,
        "kind": kind(found, meaning),
        "kind_number": header.kind.as_u8(),
        "schema": header.schema,
        // As text: not every reader of JSON has numbers of 64 bits.
        "key_hash": format!("{:016x}", header.key),
        "bytes": record.payload.len(),
    });
    match meaning {
        Meaning::Store(Change::Saved { key, value }) => {
            object["key"] = text(key);
            object["value_bytes"] = json!(value.len());
        }
        Meaning::Store(Change::Removed { key }) => object["key"] = text(key),
        Meaning::Workflow(Recorded::Started { id, version, at, .. }) => {
            object["workflow"] = json!(id);
            object["version"] = json!(version);
            object["unix_ms"] = json!(at);
        }
        Meaning::Workflow(Recorded::Done { step, .. } | Recorded::Terminal { step, .. }) => {
            object["step"] = json!(step.to_string());
        }
        Meaning::Workflow(Recorded::Finished { at, .. }) => object["unix_ms"] = json!(at),
        _ => {}
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
