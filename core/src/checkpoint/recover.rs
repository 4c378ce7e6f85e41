//! The decision what to trust in a log after a crash, as plain functions over bytes.
//!
//! A log is walked frame by frame: each must be whole, stand where it was written, have the next
//! sequence number and no lower epoch than the one before it. Where that ends, the log ends, and
//! what follows is the torn tail of a batch that was never acknowledged - *unless* any sound frame
//! further on says, by its `synced_upto`, that the broken place had been durable. Then the medium
//! lost acknowledged data, and the log must be refused rather than cut.
//!
//! Frames of an earlier epoch may stand behind the end, left by a crash before a cut. They never
//! count: their epoch is lower than that of the frame before them, and what they say was durable
//! ends before the cut.
//!
//! [`recover`] does this for a log that is in memory. [`Walk`] and [`Search`] are its two halves for
//! a log that is read through a window.

use super::record::{DecodeError, HEADER_LEN, Header, Record, decode, frame_len, header_of};
use core::fmt;

/// Where a walk over a log stands: what the next frame must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    at: u64,
    next_seq: u64,
    epoch: u32,
    synced_upto: u64,
}

/// What a walk found at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A frame of this log; the walk moved behind it.
    Record(Record<'a>),
    /// The frame is longer than the bytes at hand; step again with this many, if the log has them.
    More {
        /// How many bytes are needed from the walk's position on.
        needed: usize,
    },
    /// No frame that belongs here; the log ends here, or is corrupt if a [`Search`] says so.
    End,
}

impl Walk {
    /// A walk whose first frame stands at `at` and has the number `first_seq`.
    pub const fn new(at: u64, first_seq: u64) -> Self {
        Self { at, next_seq: first_seq, epoch: 0, synced_upto: at }
    }

    /// Looks at the frame that `bytes` start with; `whole` if the log ends with them.
    pub fn step<'a>(&mut self, bytes: &'a [u8], whole: bool) -> Step<'a> {
        match decode(bytes, self.at) {
            Ok((record, len)) if self.pass(&record.header, len) => Step::Record(record),
            Err(DecodeError::Incomplete { needed }) if !whole => Step::More { needed },
            _ => Step::End,
        }
    }

    /// Moves over a sound frame of `len` bytes at the walk's position, if it belongs there.
    ///
    /// For logs that are not read as a whole; `len` counts padding behind the frame.
    pub fn pass(&mut self, header: &Header, len: usize) -> bool {
        let belongs = header.seq == self.next_seq
            && header.epoch >= self.epoch
            && header.synced_upto <= self.at;
        if belongs {
            self.at += len as u64;
            self.next_seq = self.next_seq.wrapping_add(1);
            self.epoch = header.epoch;
            self.synced_upto = self.synced_upto.max(header.synced_upto);
        }
        belongs
    }

    /// Goes on at `at`, where the next part of the log starts.
    pub const fn go_on_at(&mut self, at: u64) {
        self.at = at;
    }

    /// The position of the next frame.
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The number the next frame must have.
    pub const fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The epoch of the last frame, 0 if there was none.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Everything before this position was durable, as the frames walked over say.
    pub const fn synced_upto(&self) -> u64 {
        self.synced_upto
    }
}

/// The search behind the end of a [`Walk`] for a frame which proves that the end is damage.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    end: Walk,
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A sound frame which says that the place where the walk ended had been durable.
    Witness {
        /// The frame's position.
        at: u64,
    },
    /// Nothing in the first `passed` bytes; go on behind them with at least `needed` bytes.
    More {
        /// How many bytes are done with.
        passed: usize,
        /// How many are needed from there on, fewer only if the log ends.
        needed: usize,
    },
    /// Nothing up to the log's end.
    Nothing,
}

impl Search {
    /// A search behind the place where `walk` ended.
    pub const fn behind(walk: Walk) -> Self {
        Self { end: walk }
    }

    /// Searches `bytes`, which stand at position `at`; `whole` if the log ends with them.
    pub fn look(&self, bytes: &[u8], at: u64, whole: bool) -> Found {
        let mut i = 0;
        while let Some(rest) = bytes.get(i..).filter(|rest| rest.len() >= HEADER_LEN) {
            // Most of what is searched was never written to: pass over it quickly.
            if rest[..HEADER_LEN] == [0; HEADER_LEN] {
                i += HEADER_LEN - 3;
                continue;
            }
            let here = at + i as u64;
            if let Ok(len) = frame_len(rest)
                && self.could_be_witness(rest, here)
            {
                if len > rest.len() && !whole {
                    return Found::More { passed: i, needed: len };
                }
                if decode(rest, here).is_ok() {
                    return Found::Witness { at: here };
                }
            }
            i += 1;
        }
        if whole { Found::Nothing } else { Found::More { passed: i, needed: HEADER_LEN } }
    }

    /// What can be told from the header alone, so that few candidates need a checksum.
    fn could_be_witness(&self, frame: &[u8], here: u64) -> bool {
        let header = header_of(frame);
        header.synced_upto > self.end.at
            && header.synced_upto <= here
            && header.seq > self.end.next_seq
            && header.epoch >= self.end.epoch
    }
}

/// What a log holds and where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where the walk over the sound frames ended.
    pub end: Walk,
    /// Whether something that is no frame follows, to be wiped before the log goes on.
    pub torn: bool,
}

/// Acknowledged records of a log were damaged; it must not be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt {
    /// The position of the first damaged frame.
    pub offset: u64,
    /// The position of a sound frame which says that the damaged one had been durable.
    pub witness: u64,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, witness } = self;
        write!(
            f,
            "the record at offset {offset} is damaged though the one at {witness} shows it was \
             durable; restore the log from a copy, or cut it at {offset} to give up the rest"
        )
    }
}

impl core::error::Error for Corrupt {}

/// Walks over the frames in `bytes`, which stand at `at` and go to the log's end.
///
/// `visit` is called with every record, in order, before it is known whether the log is corrupt.
///
/// # Errors
///
/// [`Corrupt`] when acknowledged records were damaged.
pub fn recover(
    bytes: &[u8],
    at: u64,
    first_seq: u64,
    mut visit: impl FnMut(Record<'_>),
) -> Result<Recovered, Corrupt> {
    let mut walk = Walk::new(at, first_seq);
    let mut rest = bytes;
    while let Step::Record(record) = walk.step(rest, true) {
        visit(record);
        rest = &rest[HEADER_LEN + record.payload.len()..];
    }
    match Search::behind(walk).look(rest, walk.at, true) {
        Found::Witness { at: witness } => Err(Corrupt { offset: walk.at, witness }),
        _ => Ok(Recovered { end: walk, torn: rest.iter().any(|&byte| byte != 0) }),
    }
}

#[cfg(test)]
mod tests;
