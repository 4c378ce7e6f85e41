//! What the command line says.

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use std::{path::PathBuf, time::Duration};

pub const HELP: &str = "\
klaw's channels beside those of other crates

  --only PART     cells whose name contains PART, such as `mpsc/local/100` (repeatable)
  --impl NAME     these implementations (repeatable)
  --skip NAME     not these (repeatable)
  --rounds N      rounds that count (7)
  --millis N      length of a sample (40)
  --quick         3 rounds of 10 ms
  --retries N     how often a sample is taken again when two threads had not two cores (5)
  --unpinned      let the scheduler place the two threads; they may then share a core
  --timeout SECS  after which a sample counts as hanging (30)
  --json FILE     all medians, as JSON
  --list          the names of the cells and of the implementations";

pub struct Options {
    pub only: Vec<String>,
    pub chosen: Vec<String>,
    pub skipped: Vec<String>,
    pub rounds: usize,
    pub millis: u64,
    pub retries: usize,
    pub timeout: Duration,
    pub json: Option<PathBuf>,
    pub unpinned: bool,
    pub list: bool,
    pub help: bool,
}

impl Options {
    pub fn parse() -> Result<Self, lexopt::Error> {
        let mut options = Self {
            only: vec![],
            chosen: vec![],
            skipped: vec![],
            rounds: 7,
            millis: 40,
            retries: 5,
            timeout: Duration::from_secs(30),
            json: None,
            unpinned: false,
            list: false,
            help: false,
        };
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("only") => options.only.push(parser.value()?.string()?),
                Long("impl") => options.chosen.push(parser.value()?.string()?),
                Long("skip") => options.skipped.push(parser.value()?.string()?),
                Long("rounds") => options.rounds = parser.value()?.parse::<usize>()?.max(1),
                Long("millis") => options.millis = parser.value()?.parse::<u64>()?.max(1),
                Long("quick") => (options.rounds, options.millis) = (3, 10),
                Long("retries") => options.retries = parser.value()?.parse()?,
                Long("timeout") => {
                    options.timeout = Duration::from_secs(parser.value()?.parse()?);
                }
                Long("json") => options.json = Some(parser.value()?.into()),
                Long("unpinned") => options.unpinned = true,
                Long("list") => options.list = true,
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }

    pub fn wants_cell(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    pub fn wants_peer(&self, name: &str) -> bool {
        (self.chosen.is_empty() || self.chosen.iter().any(|chosen| chosen == name))
            && !self.skipped.iter().any(|skipped| skipped == name)
    }
}
