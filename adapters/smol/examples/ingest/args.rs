//! The command line.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

pub const HELP: &str = "\
Reads the files below DIR and reports lines, words, bytes and one digest over all of them.
Links to folders are not followed, and folders that a CACHEDIR.TAG marks as caches are skipped.

What is done is journaled: kill it at any time, run it again, and it goes on where it stopped.

usage: ingest [DIR] [options]

  DIR            the tree to read; klaw's own repository unless given
  --state DIR    where the journal is kept; a place of DIR's own below
                 $XDG_STATE_HOME or ~/.local/state unless given
  --workers N    supervised workers, at most 1024; twice the CPU threads unless given
  --chaos P      each attempt at a file panics with probability P, from 0 to 1
  --seed S       which attempts those are; 0 unless given
  --json         print the report as JSON
  --tree         show the supervision tree on standard error, every second and at the end
  --help         print this

RUST_LOG=klaw=warn,ingest=debug shows what is restarted and retried, batch by batch.

exit codes: 0 done, 1 failed, 2 the state is in use by another run,
            64 wrong usage, 130 interrupted";

const MOST_WORKERS: usize = 1024;

/// What is to be done.
#[derive(Debug, PartialEq)]
pub struct Args {
    pub dir: PathBuf,
    pub state: Option<PathBuf>,
    pub workers: Option<NonZeroUsize>,
    pub chaos: f64,
    pub seed: u64,
    pub json: bool,
    pub tree: bool,
}

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Run(Args),
    Help,
}

/// Reads the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_args(args);
    let mut dir = None;
    let mut run = Args {
        dir: repository(),
        state: None,
        workers: None,
        chaos: 0.0,
        seed: 0,
        json: false,
        tree: false,
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("state") => run.state = Some(parser.value()?.into()),
            Long("workers") => {
                let workers: NonZeroUsize = parser.value()?.parse()?;
                if workers.get() > MOST_WORKERS {
                    return Err("--workers takes a number from 1 to 1024".into());
                }
                run.workers = Some(workers);
            }
            Long("chaos") => {
                run.chaos = parser.value()?.parse()?;
                if !(0.0..=1.0).contains(&run.chaos) {
                    return Err("--chaos takes a probability from 0 to 1".into());
                }
            }
            Long("seed") => run.seed = parser.value()?.parse()?,
            Long("json") => run.json = true,
            Long("tree") => run.tree = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            Value(value) if dir.is_none() => dir = Some(value.into()),
            other => return Err(other.unexpected()),
        }
    }
    if let Some(dir) = dir {
        run.dir = dir;
    }
    Ok(Command::Run(run))
}

/// klaw's own repository, two folders above this package.
fn repository() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).map_or(package.clone(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Command, lexopt::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn everything_can_be_given() {
        let Ok(Command::Run(run)) =
            args("src --state s --workers 3 --chaos 0.05 --seed 7 --json --tree")
        else {
            panic!("refused");
        };
        assert_eq!(run.dir, PathBuf::from("src"));
        assert_eq!(run.state, Some(PathBuf::from("s")));
        assert_eq!(run.workers, NonZeroUsize::new(3));
        assert_eq!((run.chaos, run.seed, run.json, run.tree), (0.05, 7, true, true));
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "--chaos 2",
            "--chaos nan",
            "--workers 0",
            "--workers 1025",
            "--seed x",
            "a b",
            "--what",
            "--state",
        ] {
            assert!(args(line).is_err(), "{line}");
        }
    }
}
