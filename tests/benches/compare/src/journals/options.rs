//! What the command line says.

use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};
use std::{fs, io, path::PathBuf};

pub const HELP: &str = "\
klaw's journal beside other ways to make a step durable

  --only PART     tables whose name contains PART: one, batch, writers, opening (repeatable)
  --dir DIR       where to put the files (target); its own directory there is removed at the end
  --rounds N      rounds that count (7)
  --writes N      durable writes of each store in a round (200)
  --quick         2 rounds of 20 writes, and a journal of 5 MB";

pub struct Options {
    only: Vec<String>,
    pub dir: PathBuf,
    pub rounds: usize,
    pub writes: usize,
    pub megabytes: usize,
    pub help: bool,
}

impl Options {
    pub fn parse() -> Result<Self, lexopt::Error> {
        let mut options = Self {
            only: vec![],
            dir: "target".into(),
            rounds: 7,
            writes: 200,
            megabytes: 100,
            help: false,
        };
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("only" | "filter") => options.only.push(parser.value()?.string()?),
                Long("dir") => options.dir = parser.value()?.into(),
                Long("rounds") => options.rounds = parser.value()?.parse::<usize>()?.max(1),
                Long("writes") => options.writes = parser.value()?.parse::<usize>()?.max(1),
                Long("quick") => {
                    (options.rounds, options.writes, options.megabytes) = (2, 20, 5);
                }
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    /// A directory of our own.
    pub fn directory(&self) -> io::Result<Scratch> {
        let dir = self.dir.join(format!("klaw-journals-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        Ok(Scratch(dir))
    }
}

/// A directory that is removed with all that is in it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
