//! A new file for each state, which then takes the old one's name.

use super::{Result, Store};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

pub struct Replace {
    dir: PathBuf,
}

impl Replace {
    pub fn create(dir: &Path) -> Result<Self> {
        Ok(Self { dir: dir.into() })
    }
}

impl Store for Replace {
    fn write(&mut self, _: u64, payloads: &[&[u8]]) -> Result<()> {
        let (new, name) = (self.dir.join("new"), self.dir.join("state"));
        for payload in payloads {
            let mut file = File::create(&new)?;
            file.write_all(payload)?;
            file.sync_all()?;
            fs::rename(&new, &name)?;
            File::open(&self.dir)?.sync_all()?;
        }
        Ok(())
    }
}
