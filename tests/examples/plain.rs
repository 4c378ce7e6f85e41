//! What `ingest` is measured against: the same reading, hashing and counting in a plain rayon loop.
//!
//! No supervision, no channel, no journal, no progress.

#[path = "../../adapters/smol/examples/ingest/measure.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of another program")]
mod measure;

use rayon::prelude::*;
use std::{
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            find(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let root = PathBuf::from(std::env::args_os().nth(1).expect("usage: plain DIR"));
    let mut files = vec![];
    find(&root, &mut files)?;
    let measures = files.par_iter().map_init(measure::Reader::new, |reader, path| {
        let (file, _) = measure::open(path)?;
        let measure = reader.measure(&file, || false)?;
        Ok((path, measure.expect("nobody says stop")))
    });
    let mut measures = measures.collect::<io::Result<Vec<_>>>()?;
    measures.par_sort_unstable_by_key(|(path, _)| *path);
    let mut digest = blake3::Hasher::new();
    let (mut bytes, mut lines, mut words) = (0, 0, 0);
    for (path, measure) in &measures {
        let path = path.strip_prefix(&root).unwrap_or(path).as_os_str().as_bytes();
        digest.update(&(path.len() as u64).to_le_bytes()).update(path).update(&measure.hash);
        bytes += measure.bytes;
        lines += measure.lines;
        words += measure.words;
    }
    println!("{} files, {lines} lines, {words} words, {bytes} bytes", measures.len());
    println!("{}", digest.finalize().to_hex());
    Ok(())
}
