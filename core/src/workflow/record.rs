//! The records of a workflow's log.
//!
//! A log begins with one [`STARTED`] and goes on with outcomes, in the order in which they became known; the
//! last record of a workflow that is over is [`FINISHED`]. Numbers are little endian, and a sealed value
//! goes to the end of its record.
//!
//! | kind | payload |
//! |---|---|
//! | [`STARTED`] | version u32, seed u64, Unix time in ms u64, length of the id u32, id, sealed input |
//! | [`DONE`] | length of the key u32, [`StepKey`](super::StepKey), mark of the input, sealed value |
//! | [`TERMINAL`] | the same with the sealed error |
//! | [`FINISHED`] | Unix time in ms u64, sealed output |

use super::{input::InputMark, key::StepKey, log::Entry};
use crate::checkpoint::{RecordKind, key_hash};
use alloc::vec::Vec;

/// A workflow began.
pub(super) const STARTED: RecordKind = RecordKind::user(1);
/// An operation has a value.
pub(super) const DONE: RecordKind = RecordKind::user(2);
/// A step failed for good.
pub(super) const TERMINAL: RecordKind = RecordKind::user(3);
/// A workflow is over.
pub(super) const FINISHED: RecordKind = RecordKind::user(4);

/// The version of the payloads' layout.
pub(super) const LAYOUT: u32 = 1;

/// How a workflow began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Started<'a> {
    pub(super) version: u32,
    pub(super) seed: u64,
    pub(super) at: u64,
    pub(super) id: &'a str,
    pub(super) input: &'a [u8],
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome<'a> {
    pub(super) key: &'a [u8],
    pub(super) input: InputMark,
    pub(super) value: &'a [u8],
}

impl<'a> Started<'a> {
    pub(super) fn entry(&self) -> Entry {
        let mut payload = Vec::with_capacity(24 + self.id.len() + self.input.len());
        payload.extend_from_slice(&self.version.to_le_bytes());
        payload.extend_from_slice(&self.seed.to_le_bytes());
        payload.extend_from_slice(&self.at.to_le_bytes());
        payload.extend_from_slice(&(self.id.len() as u32).to_le_bytes());
        payload.extend_from_slice(self.id.as_bytes());
        payload.extend_from_slice(self.input);
        Entry { kind: STARTED, schema: LAYOUT, key: key_hash(self.id.as_bytes()), payload }
    }

    pub(super) fn decode(payload: &'a [u8]) -> Option<Self> {
        let (version, rest) = payload.split_first_chunk()?;
        let (seed, rest) = rest.split_first_chunk()?;
        let (at, rest) = rest.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let (id, input) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        Some(Self {
            version: u32::from_le_bytes(*version),
            seed: u64::from_le_bytes(*seed),
            at: u64::from_le_bytes(*at),
            id: core::str::from_utf8(id).ok()?,
            input,
        })
    }
}

impl<'a> Outcome<'a> {
    /// The record of an operation up to its value, which is to be appended.
    pub(super) fn entry(kind: RecordKind, key: &StepKey, input: &InputMark) -> Entry {
        let bytes = key.as_bytes();
        let mut payload = Vec::with_capacity(4 + bytes.len() + InputMark::LEN + 64);
        payload.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        payload.extend_from_slice(bytes);
        payload.extend_from_slice(&input.to_bytes());
        Entry { kind, schema: LAYOUT, key: key_hash(bytes), payload }
    }

    pub(super) fn decode(payload: &'a [u8]) -> Option<Self> {
        let (len, rest) = payload.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        let (input, value) = rest.split_first_chunk()?;
        Some(Self { key, input: InputMark::from_bytes(input), value })
    }
}

/// The record of a workflow's end up to its output, which is to be appended.
pub(super) fn finished(at: u64) -> Entry {
    Entry { kind: FINISHED, schema: LAYOUT, key: 0, payload: at.to_le_bytes().to_vec() }
}

/// When a workflow ended, and its output.
pub(super) fn decode_finished(payload: &[u8]) -> Option<(u64, &[u8])> {
    let (at, output) = payload.split_first_chunk()?;
    Some((u64::from_le_bytes(*at), output))
}
