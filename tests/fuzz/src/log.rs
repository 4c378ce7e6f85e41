//! Logs as a program writes them.

use klaw::checkpoint::{HEADER_LEN, Header, Record, RecordKind, decode, encode, key_hash};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

/// The number of the first record.
pub const FIRST_SEQ: u64 = 1;

/// One frame of a log.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub at: u64,
    pub len: usize,
    pub synced_upto: u64,
}

/// A log, and where its frames are.
#[derive(Debug)]
pub struct Log {
    /// Where its first frame stands.
    pub start: u64,
    pub bytes: Vec<u8>,
    pub frames: Vec<Frame>,
}

impl Log {
    /// Writes, syncs and opens anew, as `u` says; zeros follow, as they do in a file.
    pub fn arbitrary(u: &mut Unstructured<'_>) -> Result<Self> {
        let start = u64::from(u.int_in_range(0..=64_u8)?);
        let mut log = Self { start, bytes: vec![], frames: vec![] };
        let (mut epoch, mut synced_upto) = (1, start);
        for _ in 0..u.int_in_range(0..=24)? {
            match u.int_in_range(0..=7_u8)? {
                0 => synced_upto = log.end(),
                1 => {
                    // Opening finds what was written, makes it durable, and marks that.
                    synced_upto = log.end();
                    epoch += 1;
                    log.push(RecordKind::OPENED, epoch, synced_upto, &[]);
                    synced_upto = log.end();
                }
                _ => {
                    let payload = match u.int_in_range(0..=5_u8)? {
                        // A log inside a payload must not pass for this one.
                        0 => log.bytes.clone(),
                        1 => vec![u.arbitrary()?; u.int_in_range(0..=2000)?],
                        _ => {
                            let len = u.arbitrary_len::<u8>()?.min(64);
                            u.bytes(len)?.to_vec()
                        }
                    };
                    let kind = RecordKind::user(u.int_in_range(0..=3)?);
                    log.push(kind, epoch, synced_upto, &payload[..payload.len().min(4000)]);
                }
            }
        }
        let zeros = u.int_in_range(0..=300)?;
        log.bytes.resize(log.bytes.len() + zeros, 0);
        Ok(log)
    }

    /// The position behind the last byte.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn push(&mut self, kind: RecordKind, epoch: u32, synced_upto: u64, payload: &[u8]) {
        let (at, seq) = (self.end(), FIRST_SEQ + self.frames.len() as u64);
        let header = Header { epoch, seq, synced_upto, kind, schema: 1, key: key_hash(b"key") };
        let mut frame = vec![0; HEADER_LEN + payload.len()];
        let len = encode(&Record { header, payload }, at, &mut frame).unwrap();
        self.bytes.extend(frame);
        self.frames.push(Frame { at, len, synced_upto });
    }

    /// The record of `frame`, as it was written.
    pub fn record(&self, frame: Frame) -> Record<'_> {
        decode(&self.bytes[self.inside(frame)], frame.at).unwrap().0
    }

    /// Where in the bytes `frame` is.
    pub fn inside(&self, frame: Frame) -> core::ops::Range<usize> {
        let from = (frame.at - self.start) as usize;
        from..from + frame.len
    }

    /// Whether `frame` is in `bytes` as it was written.
    pub fn is_whole_in(&self, frame: Frame, bytes: &[u8]) -> bool {
        let inside = self.inside(frame);
        bytes.get(inside.clone()) == Some(&self.bytes[inside])
    }
}
