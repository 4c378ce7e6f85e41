//! The command line.

use std::{ffi::OsString, path::PathBuf};

pub const HELP: &str = "\
Looks inside klaw's journals: stores of checkpoints, workflows, and any other.
Nothing is ever written; a journal that is in use can be looked at as well.

usage: klaw-journal list [DIR]
       klaw-journal show FILE [--payload] [--from SEQ] [--json]
       klaw-journal verify FILE..

  list           the journals in DIR, or where checkpoints are kept: the directory that
                 $KLAW_CHECKPOINT_PATH names, or ~/.klaw/checkpoints
  show           the records of one journal, as far as they are sound
    --payload    with their bytes
    --from SEQ   from the record of this number on
    --json       as JSON, one object a line
  verify         whether journals are sound. The torn tail that a crash leaves is: nothing
                 in it was acknowledged, and opening the journal cuts it off
  --help         print this

exit codes: 0 done and sound, 1 damaged or not readable, 64 wrong usage";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Help,
    List { dir: Option<PathBuf> },
    Show(Show),
    Verify { files: Vec<PathBuf> },
}

/// What of which journal is to be shown.
#[derive(Debug, PartialEq)]
pub struct Show {
    pub file: PathBuf,
    pub payload: bool,
    pub from: u64,
    pub json: bool,
}

pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_args(args);
    let (mut command, mut files) = (None, Vec::new());
    let (mut payload, mut from, mut json) = (false, 0, false);
    while let Some(arg) = parser.next()? {
        let showing = command.as_deref() == Some("show");
        match arg {
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("payload") if showing => payload = true,
            Long("from") if showing => from = parser.value()?.parse()?,
            Long("json") if showing => json = true,
            Value(value) if command.is_none() => command = Some(value.string()?),
            Value(value) => files.push(PathBuf::from(value)),
            other => return Err(other.unexpected()),
        }
    }
    match (command.as_deref(), files.len()) {
        (Some("list"), 0 | 1) => Ok(Command::List { dir: files.pop() }),
        (Some("show"), 1) => Ok(Command::Show(Show { file: files.remove(0), payload, from, json })),
        (Some("verify"), 1..) => Ok(Command::Verify { files }),
        (Some("list"), _) => Err("list takes at most one directory".into()),
        (Some("show"), _) => Err("show takes one file".into()),
        (Some("verify"), _) => Err("verify takes files".into()),
        (Some(other), _) => Err(format!("there is no command {other:?}").into()),
        (None, _) => Err("say what to do".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Command, lexopt::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn everything_can_be_asked_for() {
        assert_eq!(args("list").unwrap(), Command::List { dir: None });
        assert_eq!(args("list there").unwrap(), Command::List { dir: Some("there".into()) });
        let plain = Show { file: "a".into(), payload: false, from: 0, json: false };
        assert_eq!(args("show a").unwrap(), Command::Show(plain));
        let all = Show { file: "a".into(), payload: true, from: 7, json: true };
        assert_eq!(args("show --payload a --from 7 --json").unwrap(), Command::Show(all));
        let files = vec!["a".into(), "b".into()];
        assert_eq!(args("verify a b").unwrap(), Command::Verify { files });
        assert_eq!(args("verify a --help").unwrap(), Command::Help);
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            "",
            "what",
            "list a b",
            "show",
            "show a b",
            "verify",
            "verify a --json",
            "--json show a",
            "show a --from x",
            "show a --what",
        ] {
            assert!(args(line).is_err(), "{line}");
        }
    }
}
