//! The journals of a directory.

use crate::{contents::Contents, failure::Failure, output::Output, utc::Utc, verify};
use core::{convert::Infallible, ops::ControlFlow};
use klaw_std::{
    JournalError, checkpoints,
    journal::{Ending, Inspection, inspect},
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Prints a line for each journal in `dir`; says whether all of them are sound.
pub fn run(dir: Option<PathBuf>, out: &mut Output<impl Write>) -> Result<bool, Failure> {
    let dir = match dir {
        Some(dir) => dir,
        None => {
            let found = checkpoints::directory().map_err(Failure::Where)?;
            // That nothing was kept so far is no failure, where nobody said that there is something.
            if !found.path().exists() && found.source() != checkpoints::Source::Environment {
                let nothing = format!("{}: there are no checkpoints", found.path().display());
                return out.line(nothing).map(|()| true).map_err(Failure::Print);
            }
            found.path().to_owned()
        }
    };
    let (mut sound, mut others) = (true, 0);
    let head = format!(
        "{:<8} {:>9} {:>12} {:>5}  {:<20}  {:<9} NAME",
        "KIND", "RECORDS", "SIZE", "EPOCH", "LAST WRITTEN", "STATE"
    );
    out.line(head).map_err(Failure::Print)?;
    for path in files(&dir)? {
        if out.is_closed() {
            break;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.escape_debug();
        let line = match look(&path) {
            Ok((contents, seen)) => {
                sound &= verify::is_sound(&seen);
                let (state, offset) = state(&seen);
                let Inspection { records, len, epoch, modified, .. } = seen;
                let modified = Utc(modified);
                format!(
                    "{contents:<8} {records:>9} {len:>12} {epoch:>5}  {modified}  {state:<9} {name}{offset}"
                )
            }
            Err(JournalError::NotAJournal { .. }) => {
                others += 1;
                continue;
            }
            Err(error) => {
                sound = false;
                let unread = "-";
                format!(
                    "{unread:<8} {unread:>9} {unread:>12} {unread:>5}  {unread:<20}  {:<9} {name}: {error}",
                    "unread"
                )
            }
        };
        out.line(line).map_err(Failure::Print)?;
    }
    if others > 0 {
        let line = format!("and {others} other file{}", if others == 1 { "" } else { "s" });
        out.line(line).map_err(Failure::Print)?;
    }
    Ok(sound)
}

/// The files in `dir`, in the order of their names.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::List(dir.into(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_type().map_err(failed)?.is_dir() {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn look(path: &Path) -> Result<(Contents, Inspection), JournalError> {
    let mut contents = Contents::default();
    let ControlFlow::Continue(seen) = inspect(path, |found| {
        if !found.record.header.kind.is_system() {
            contents.take_in(&found.record);
        }
        ControlFlow::<Infallible>::Continue(())
    })?;
    Ok((contents, seen))
}

/// The state in a word, and where there is something to be said of a place.
fn state(seen: &Inspection) -> (&'static str, String) {
    match seen.ending {
        Ending::Corrupt { offset, .. } => ("corrupt", format!(": at offset {offset}")),
        _ if seen.in_use => ("in use", String::new()),
        Ending::Unbegun => ("unbegun", String::new()),
        Ending::Closed => ("closed", String::new()),
        Ending::Torn(torn) => ("torn", format!(": at offset {}", torn.offset)),
        // The program ended without closing it.
        _ => ("unclosed", String::new()),
    }
}
