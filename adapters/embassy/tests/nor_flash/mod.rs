//! A NOR flash whose power can be cut at any byte, and which is strict about what may be programmed.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{
    future::poll_fn,
    task::{Context, Poll, Waker},
};
use embedded_storage_async::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use std::{cell::RefCell, pin::pin, rc::Rc};

/// There was no power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PowerCut;

impl NorFlashError for PowerCut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// How many moments of an erase a cut can fall into.
const ERASE_STEPS: u64 = 5;

/// A handle on a chip that reads, writes and erases in these sizes.
pub(crate) struct Nor<const READ: usize, const WRITE: usize, const ERASE: usize>(Rc<RefCell<Chip>>);

struct Chip {
    bytes: Vec<u8>,
    /// Words that were programmed since the last whole erase, or may not be before the next one.
    ///
    /// Of a write that was cut these are the words with a bit that changed; nobody can tell the rest.
    programmed: Vec<bool>,
    erases: Vec<u32>,
    /// Bytes programmed and moments of erases, since the chip was made.
    steps: u64,
    cut_at: u64,
    /// Whether operations are pending before, in the midst of and after what they do.
    pends: bool,
    random: u64,
}

impl Chip {
    /// Splitmix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.random;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn has_power(&self) -> bool {
        self.steps < self.cut_at
    }

    fn program(&mut self, at: usize, bytes: &[u8]) {
        for (old, new) in self.bytes[at..].iter_mut().zip(bytes) {
            *old &= new;
        }
    }

    /// Until it is through, anything may be in the page, and nothing may be programmed.
    fn begin_erase<const WRITE: usize, const ERASE: usize>(
        &mut self,
        page: usize,
    ) -> Result<(), PowerCut> {
        if !self.has_power() {
            return Err(PowerCut);
        }
        self.erases[page] += 1;
        self.programmed[page * ERASE / WRITE..][..ERASE / WRITE].fill(true);
        let left = self.cut_at - self.steps;
        let kind = if left < ERASE_STEPS { left } else { self.random() % ERASE_STEPS };
        let hole = self.random() as usize % ERASE;
        let hole = hole..hole + self.random() as usize % (ERASE / 4);
        for at in page * ERASE..(page + 1) * ERASE {
            let random = self.random();
            match kind {
                // The front is erased first, or any other part.
                1 if at % ERASE < ERASE / 2 => self.bytes[at] = 0xff,
                2 if hole.contains(&(at % ERASE)) => self.bytes[at] = 0xff,
                3 => self.bytes[at] |= random as u8,
                4 if !random.is_multiple_of(3) => self.bytes[at] = (random >> 8) as u8,
                _ => {}
            }
        }
        self.steps += left.min(ERASE_STEPS);
        if self.has_power() { Ok(()) } else { Err(PowerCut) }
    }

    fn finish_erase<const WRITE: usize, const ERASE: usize>(&mut self, page: usize) {
        self.bytes[page * ERASE..][..ERASE].fill(0xff);
        self.programmed[page * ERASE / WRITE..][..ERASE / WRITE].fill(false);
    }

    /// Some of the bytes are programmed, as many as there is power for.
    fn begin_write<const WRITE: usize>(&mut self, at: usize, bytes: &[u8]) -> Result<(), PowerCut> {
        if !self.has_power() {
            return Err(PowerCut);
        }
        let len = bytes.len();
        let words = &self.programmed[at / WRITE..][..len / WRITE];
        assert!(words.iter().all(|word| !word), "programmed twice at {at}");
        let left = (self.cut_at - self.steps).min(len as u64) as usize;
        self.steps += left as u64;
        if self.has_power() {
            let some = self.random() as usize % len;
            self.program(at, &bytes[..some]);
        } else {
            tear::<WRITE>(self, at, bytes, left);
        }
        self.mark_changed::<WRITE>(at, len);
        if self.has_power() { Ok(()) } else { Err(PowerCut) }
    }

    fn finish_write<const WRITE: usize>(&mut self, at: usize, bytes: &[u8]) {
        self.program(at, bytes);
        self.programmed[at / WRITE..][..bytes.len() / WRITE].fill(true);
    }

    fn mark_changed<const WRITE: usize>(&mut self, at: usize, len: usize) {
        let words = self.bytes[at..][..len].chunks(WRITE).zip(&mut self.programmed[at / WRITE..]);
        for (bytes, programmed) in words {
            *programmed |= bytes.iter().any(|&byte| byte != 0xff);
        }
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Nor<READ, WRITE, ERASE> {
    pub(crate) fn new(pages: usize, seed: u64) -> Self {
        Self(Rc::new(RefCell::new(Chip {
            bytes: vec![0xff; pages * ERASE],
            programmed: vec![false; pages * ERASE / WRITE],
            erases: vec![0; pages],
            steps: 0,
            cut_at: u64::MAX,
            pends: false,
            random: seed,
        })))
    }

    pub(crate) fn range(&self) -> core::ops::Range<u32> {
        0..self.0.borrow().bytes.len() as u32
    }

    /// Cuts the power when `steps` more bytes were programmed; an erase counts as some.
    pub(crate) fn cut_after(&self, steps: u64) {
        let mut chip = self.0.borrow_mut();
        chip.cut_at = chip.steps + steps;
    }

    pub(crate) fn power_on(&self) {
        self.0.borrow_mut().cut_at = u64::MAX;
    }

    pub(crate) fn set_pends(&self, pends: bool) {
        self.0.borrow_mut().pends = pends;
    }

    pub(crate) fn steps(&self) -> u64 {
        self.0.borrow().steps
    }

    pub(crate) fn erases(&self) -> Vec<u32> {
        self.0.borrow().erases.clone()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.borrow().bytes.clone()
    }

    /// Changes a byte behind everyone's back.
    pub(crate) fn rot(&self, at: usize, bits: u8) {
        self.0.borrow_mut().bytes[at] ^= bits;
    }

    /// Lets the task go on to something else, once.
    async fn pause(&self) {
        let mut paused = !self.0.borrow().pends;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if core::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Clone for Nor<READ, WRITE, ERASE> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ErrorType
    for Nor<READ, WRITE, ERASE>
{
    type Error = PowerCut;
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ReadNorFlash
    for Nor<READ, WRITE, ERASE>
{
    const READ_SIZE: usize = READ;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerCut> {
        let at = offset as usize;
        assert!(at.is_multiple_of(READ) && bytes.len().is_multiple_of(READ), "reads whole words");
        let chip = self.0.borrow();
        bytes.copy_from_slice(&chip.bytes[at..][..bytes.len()]);
        if chip.has_power() { Ok(()) } else { Err(PowerCut) }
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> NorFlash
    for Nor<READ, WRITE, ERASE>
{
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerCut> {
        let page = from as usize / ERASE;
        assert_eq!((from as usize, to as usize), (page * ERASE, (page + 1) * ERASE), "one page");
        self.pause().await;
        self.0.borrow_mut().begin_erase::<WRITE, ERASE>(page)?;
        self.pause().await;
        self.0.borrow_mut().finish_erase::<WRITE, ERASE>(page);
        self.pause().await;
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerCut> {
        let (at, len) = (offset as usize, bytes.len());
        assert!(at.is_multiple_of(WRITE) && len.is_multiple_of(WRITE) && len > 0, "whole words");
        assert_eq!(at / ERASE, (at + len - 1) / ERASE, "one page");
        self.pause().await;
        self.0.borrow_mut().begin_write::<WRITE>(at, bytes)?;
        self.pause().await;
        self.0.borrow_mut().finish_write::<WRITE>(at, bytes);
        self.pause().await;
        Ok(())
    }
}

/// What is left of a write that was cut after `done` bytes.
fn tear<const WRITE: usize>(chip: &mut Chip, at: usize, bytes: &[u8], done: usize) {
    match chip.random() % 3 {
        0 => chip.program(at, &bytes[..done]),
        // Whole words, and then one of which some bits were programmed.
        1 => {
            let whole = done - done % WRITE;
            chip.program(at, &bytes[..whole]);
            let word: Vec<u8> = bytes[whole..].iter().take(WRITE).copied().collect();
            let some: Vec<u8> = word.iter().map(|byte| byte | chip.random() as u8).collect();
            chip.program(at + whole, &some);
        }
        // The words in any order, each whole, not at all, or with anything in it.
        _ => {
            for (i, word) in bytes.chunks(WRITE).enumerate() {
                match chip.random() % 3 {
                    0 => chip.program(at + i * WRITE, word),
                    1 => {}
                    _ => {
                        let anything: Vec<u8> = word.iter().map(|_| chip.random() as u8).collect();
                        chip.program(at + i * WRITE, &anything);
                    }
                }
            }
        }
    }
}

/// Polls a future at most `polls` times, and drops it; its output if there was one by then.
pub(crate) fn polled<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Polls a future to its end.
#[track_caller]
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    polled(future, 1_000_000).expect("the chip is never busy for that long")
}
