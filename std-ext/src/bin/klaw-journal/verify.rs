//! Whether journals are sound.

use crate::{failure::Failure, output::Output};
use core::{convert::Infallible, ops::ControlFlow};
use klaw_std::journal::{Ending, Inspection, inspect};
use std::{io::Write, path::PathBuf};

/// Prints for each of `files` what is to be said of it; says whether all of them are sound.
pub fn run(files: &[PathBuf], out: &mut Output<impl Write>) -> Result<bool, Failure> {
    let mut sound = true;
    for file in files {
        let line = match inspect(file, |_| ControlFlow::<Infallible>::Continue(())) {
            Ok(ControlFlow::Continue(seen)) => {
                sound &= is_sound(&seen);
                format!("{}: {}", file.display(), in_words(&seen))
            }
            Err(error) => {
                sound = false;
                error.to_string()
            }
        };
        // Also with nobody reading: the exit code says it.
        out.line(line).map_err(Failure::Print)?;
    }
    Ok(sound)
}

/// Whether all that was acknowledged is there.
pub const fn is_sound(seen: &Inspection) -> bool {
    !matches!(seen.ending, Ending::Corrupt { .. })
}

/// How a journal ends, and what that means.
pub fn in_words(seen: &Inspection) -> String {
    let Inspection { records, epoch, .. } = seen;
    let plural = if *records == 1 { "" } else { "s" };
    let found = format!("{records} record{plural}, epoch {epoch}");
    match seen.ending {
        Ending::Corrupt { offset, witness } => format!(
            "corrupt at offset {offset}: the record there is damaged, though the one at {witness} \
             shows that it was durable; {found} before it"
        ),
        _ if seen.in_use => format!("sound: {found}, in use"),
        Ending::Unbegun => "sound: nothing was recorded yet".into(),
        Ending::Closed => format!("sound: {found}, closed"),
        Ending::Torn(torn) => format!(
            "sound, with a torn tail at offset {} of {} bytes, of which nothing was acknowledged: \
             {found}",
            torn.offset, torn.bytes
        ),
        _ => format!("sound: {found}, not closed"),
    }
}
