//! What the command line says.

use crate::peers::Peer;
use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use std::time::Duration;

pub const HELP: &str = "\
klaw's actors beside those of other crates

  --only PART     scenarios whose name contains PART, such as `tell`, `restart`, or `exact` for what
                  is counted (repeatable; --filter is the same)
  --impl NAME     these implementations, and the one that ratios are to (repeatable)
  --skip NAME     not these (repeatable)
  --rounds N      rounds that count (11)
  --millis N      length of a sample (40); the ring is of 200 rounds
  --quick         3 rounds of 4 ms, a ring of 20 rounds
  --retries N     how often a sample is taken again when two threads had not two cores (3)
  --one-worker    one thread is tokio's multi-thread runtime with one worker, not its current-thread one
  --unpinned      let the scheduler place the two threads; they may then share a core
  --timeout SECS  after which a sample counts as hanging (60)
  --markdown      the default, and all there is
  --list          the names of the scenarios and of the implementations";

pub struct Options {
    only: Vec<String>,
    chosen: Vec<String>,
    skipped: Vec<String>,
    pub rounds: usize,
    pub millis: u64,
    pub quick: bool,
    pub retries: usize,
    pub timeout: Duration,
    pub one_worker: bool,
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
            rounds: 11,
            millis: 40,
            quick: false,
            retries: 3,
            timeout: Duration::from_secs(60),
            one_worker: false,
            unpinned: false,
            list: false,
            help: false,
        };
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("only" | "filter") => options.only.push(parser.value()?.string()?),
                Long("impl") => options.chosen.push(parser.value()?.string()?),
                Long("skip") => options.skipped.push(parser.value()?.string()?),
                Long("rounds") => options.rounds = parser.value()?.parse::<usize>()?.max(1),
                Long("millis") => options.millis = parser.value()?.parse::<u64>()?.max(1),
                Long("quick") => {
                    (options.rounds, options.millis, options.retries) = (3, 4, 0);
                    options.quick = true;
                }
                Long("retries") => options.retries = parser.value()?.parse()?,
                Long("timeout") => {
                    options.timeout = Duration::from_secs(parser.value()?.parse()?);
                }
                Long("one-worker") => options.one_worker = true,
                Long("unpinned") => options.unpinned = true,
                Long("markdown") => {}
                Long("list") => options.list = true,
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    pub fn wants_peer(&self, name: &str) -> bool {
        (self.chosen.is_empty() || self.chosen.iter().any(|chosen| chosen == name))
            && !self.skipped.iter().any(|skipped| skipped == name)
    }

    /// A name that no implementation has.
    pub fn unknown(&self, peers: &[Peer]) -> Option<&str> {
        let unknown = |name: &&String| !peers.iter().any(|peer| peer.name == **name);
        self.chosen.iter().chain(&self.skipped).find(unknown).map(String::as_str)
    }
}
