//! Input: a tree of files, the same for the same seed.

use crate::Numbers;
use std::{fs, io, path::Path};

/// How many files a folder gets.
const PER_FOLDER: usize = 50;

/// Writes `files` files of text below `root`, of up to `most` bytes each and half that on average.
///
/// # Errors
///
/// The operating system's error.
pub fn generate(root: &Path, files: usize, most: usize, seed: u64) -> io::Result<()> {
    const EXTENSIONS: [&str; 5] = ["rs", "md", "txt", "toml", ""];
    let mut numbers = Numbers::new(seed);
    let mut text = Vec::with_capacity(most + 16);
    let mut folder = root.to_path_buf();
    for number in 0..files {
        if number % PER_FOLDER == 0 {
            let (outer, inner) = (number / PER_FOLDER / 20, number / PER_FOLDER % 20);
            folder = root.join(format!("part-{outer:03}/{inner:02}"));
            fs::create_dir_all(&folder)?;
        }
        text.clear();
        let len = numbers.below(most as u64 + 1) as usize;
        while text.len() < len {
            let word = numbers.next();
            for shift in 0..1 + word % 9 {
                text.push(b'a' + (word >> (5 * shift + 4) & 0x0f) as u8);
            }
            text.push(if word >> 60 == 0 { b'\n' } else { b' ' });
        }
        text.truncate(len);
        let extension = EXTENSIONS[numbers.below(5) as usize];
        let dot = if extension.is_empty() { "" } else { "." };
        fs::write(folder.join(format!("file-{number:06}{dot}{extension}")), &text)?;
    }
    Ok(())
}
