extern crate alloc;

use super::*;
use crate::checkpoint::{Header, RecordKind, encode};
use alloc::{vec, vec::Vec};
use core::ops::Range;
use proptest::prelude::*;

const START: u64 = 24;
const FIRST: u64 = 5;

/// A log as a writer makes it: batches of payload lengths, each synced before the next.
#[derive(Clone, Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    frames: Vec<Range<usize>>,
    batches: Vec<Range<usize>>,
}

impl Written {
    fn new(batches: &[Vec<usize>]) -> Self {
        let mut log = Self::default();
        for batch in batches {
            log.write(1, batch);
        }
        log
    }

    fn write(&mut self, epoch: u32, batch: &[usize]) {
        let synced_upto = START + self.bytes.len() as u64;
        let start = self.bytes.len();
        for &len in batch {
            let seq = FIRST + self.frames.len() as u64;
            let kind = RecordKind::user(1);
            let header = Header { epoch, seq, synced_upto, kind, schema: 0, key: 0 };
            let payload = vec![seq as u8; len];
            let at = self.bytes.len();
            self.bytes.resize(at + HEADER_LEN + len, 0);
            let record = Record { header, payload: &payload };
            encode(&record, START + at as u64, &mut self.bytes[at..]).unwrap();
            self.frames.push(at..self.bytes.len());
        }
        self.batches.push(start..self.bytes.len());
    }

    fn whole_before(&self, cut: usize) -> usize {
        self.frames.iter().filter(|frame| frame.end <= cut).count()
    }
}

fn recovered(bytes: &[u8]) -> (Vec<u64>, Result<Recovered, Corrupt>) {
    let mut seqs = vec![];
    let outcome = recover(bytes, START, FIRST, |record| {
        assert!(record.payload.iter().all(|&byte| byte == record.header.seq as u8));
        seqs.push(record.header.seq);
    });
    (seqs, outcome)
}

fn firsts(count: usize) -> Vec<u64> {
    (FIRST..).take(count).collect()
}

/// The same decision through a window that never holds more than was asked for.
fn recovered_through_window(bytes: &[u8]) -> Result<Walk, Corrupt> {
    let window = |from: u64, needed: usize| {
        let from = (from - START) as usize;
        let to = bytes.len().min(from + needed);
        (&bytes[from..to], to == bytes.len())
    };
    let mut walk = Walk::new(START, FIRST);
    let mut needed = 1;
    loop {
        let (part, whole) = window(walk.at(), needed);
        match walk.step(part, whole) {
            Step::Record(_) => needed = 1,
            Step::More { needed: more } => needed = more,
            Step::End => break,
        }
    }
    let (mut at, mut needed) = (walk.at(), 1);
    loop {
        let (part, whole) = window(at, needed);
        match Search::behind(walk).look(part, at, whole) {
            Found::Witness { at: witness } => {
                return Err(Corrupt { offset: walk.at(), witness });
            }
            Found::More { passed, needed: more } => (at, needed) = (at + passed as u64, more),
            Found::Nothing => return Ok(walk),
        }
    }
}

fn batches() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..60_usize, 1..4), 1..6)
}

proptest! {
    #[test]
    fn every_sound_record_is_found_before_zeros(batches in batches(), zeros in 0..200_usize) {
        let mut log = Written::new(&batches);
        let end = START + log.bytes.len() as u64;
        log.bytes.resize(log.bytes.len() + zeros, 0);
        let (seqs, outcome) = recovered(&log.bytes);
        let Recovered { end: walk, torn } = outcome.unwrap();
        prop_assert_eq!(seqs, firsts(log.frames.len()));
        prop_assert_eq!((walk.at(), torn), (end, false));
    }

    #[test]
    fn a_torn_tail_yields_a_prefix(
        batches in batches(), cut: prop::sample::Index, garbage: Vec<u8>
    ) {
        let log = Written::new(&batches);
        let last = log.batches.last().unwrap().clone();
        let cut = last.start + cut.index(last.len());
        let mut bytes = log.bytes[..cut].to_vec();
        bytes.extend(garbage);
        let (seqs, outcome) = recovered(&bytes);
        // By chance the garbage may be what was lost.
        prop_assert!(seqs.len() >= log.whole_before(cut));
        prop_assert_eq!(&seqs, &firsts(seqs.len()));
        let at = outcome.unwrap().end.at() - START;
        prop_assert!(at >= last.start as u64);
    }

    #[test]
    fn any_loss_within_the_unsynced_batch_yields_a_prefix(
        batches in batches(), lost in prop::collection::vec(any::<bool>(), 64)
    ) {
        let log = Written::new(&batches);
        let mut bytes = log.bytes.clone();
        let last = log.batches.last().unwrap().clone();
        for (chunk, lost) in bytes[last.clone()].chunks_mut(16).zip(lost) {
            if lost {
                chunk.fill(0);
            }
        }
        let (seqs, outcome) = recovered(&bytes);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
        prop_assert!(seqs.len() >= log.whole_before(last.start));
        prop_assert_eq!(&seqs, &firsts(seqs.len()));
    }

    #[test]
    fn a_bit_flip_before_a_later_sync_is_corrupt(
        batches in batches(), flip: prop::sample::Index
    ) {
        let mut log = Written::new(&batches);
        let acknowledged = log.bytes.len() * 8;
        log.write(1, &[0]);
        let bit = flip.index(acknowledged);
        log.bytes[bit / 8] ^= 1 << (bit % 8);
        let damaged = log.frames.iter().find(|frame| frame.end > bit / 8).unwrap();
        let (_, outcome) = recovered(&log.bytes);
        prop_assert_eq!(outcome.map_err(|c| c.offset), Err(START + damaged.start as u64));
    }

    #[test]
    fn a_lost_sector_before_a_later_sync_is_corrupt(
        batches in batches(), at: prop::sample::Index, len in 1..100_usize
    ) {
        let mut log = Written::new(&batches);
        let from = at.index(log.bytes.len());
        let to = log.bytes.len().min(from + len);
        log.write(2, &[3]);
        prop_assume!(log.bytes[from..to].iter().any(|&byte| byte != 0));
        let first = from + log.bytes[from..].iter().position(|&byte| byte != 0).unwrap();
        log.bytes[from..to].fill(0);
        let damaged = log.frames.iter().find(|frame| frame.end > first).unwrap();
        let (_, outcome) = recovered(&log.bytes);
        prop_assert_eq!(outcome.map_err(|c| c.offset), Err(START + damaged.start as u64));
    }

    #[test]
    fn a_window_decides_as_the_whole_does(
        batches in batches(), flip: prop::sample::Index, zeros in 0..300_usize
    ) {
        let mut log = Written::new(&batches);
        log.bytes.resize(log.bytes.len() + zeros, 0);
        let bit = flip.index(log.bytes.len() * 8);
        log.bytes[bit / 8] ^= 1 << (bit % 8);
        let (_, outcome) = recovered(&log.bytes);
        prop_assert_eq!(recovered_through_window(&log.bytes), outcome.map(|r| r.end));
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = recover(&bytes, 0, 0, |_| {});
    }
}

/// An epoch that starts over the torn tail of an earlier one does not bring its records back.
#[test]
fn frames_of_an_earlier_epoch_stay_dead() {
    let mut log = Written::new(&[vec![4]]);
    log.write(1, &[7, 8]);
    let stale = log.clone();
    log.bytes.truncate(stale.frames[1].start);
    log.frames.truncate(1);
    log.write(2, &[7]);
    log.bytes.extend(&stale.bytes[stale.frames[2].clone()]);
    let (seqs, outcome) = recovered(&log.bytes);
    assert_eq!(seqs, firsts(2));
    assert!(outcome.unwrap().torn);
}

/// A record that holds a log is torn: the frames inside it are no witnesses.
#[test]
fn a_log_inside_a_payload_is_no_witness() {
    let inner = Written::new(&[vec![1], vec![2], vec![3], vec![4]]);
    let mut outer = Written::new(&[vec![0]]);
    let torn_at = outer.bytes.len();
    outer.bytes.resize(torn_at + HEADER_LEN, 0);
    outer.bytes.extend(&inner.bytes);
    let (seqs, outcome) = recovered(&outer.bytes);
    assert_eq!(seqs, firsts(1));
    assert_eq!(outcome.unwrap().end.at(), START + torn_at as u64);
}
