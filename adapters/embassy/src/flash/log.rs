//! Where a log stands, and what in it counts.

use super::{
    error::FlashError,
    frame::{BEGUN_LEN, Frame, Key},
    ring::Ring,
};
use embedded_storage_async::nor_flash::NorFlash;
use klaw::checkpoint::HEADER_LEN;

/// Where a log stands: pages `tail` to `head` count, and `head` is written to.
///
/// There is always a page that does not count, so that the next one can be begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    pub(super) tail: u64,
    /// `tail - 1` if there is no page yet.
    pub(super) head: u64,
    /// Where the next frame goes; `None` if something was torn in the head, which is full then.
    pub(super) end: Option<u64>,
    pub(super) next_seq: u64,
    pub(super) epoch: u32,
}

impl Log {
    /// How many pages count.
    pub(super) const fn used(&self) -> u64 {
        self.head + 1 - self.tail
    }

    /// Where a frame of `len` bytes, with padding, goes in the head; `None` if it has no room.
    pub(super) fn place<F: NorFlash>(&self, len: u64) -> Option<u64> {
        self.end.filter(|&end| len <= (self.head + 1) * Ring::<F>::PAGE - end)
    }
}

/// Bytes that a page has for frames of values, once it is begun.
pub(super) const fn room<F: NorFlash>() -> u64 {
    let begun = Ring::<F>::padded((HEADER_LEN + BEGUN_LEN) as u64);
    Ring::<F>::page_end(0) - Ring::<F>::frames(0) - begun
}

/// The records of one page, in order.
pub(super) struct Records {
    at: u64,
    seq: u64,
    limit: u64,
}

impl<F: NorFlash> Ring<F> {
    /// The number of the first record that is no longer in page `number`.
    async fn limit(&mut self, log: &Log, number: u64) -> Result<u64, FlashError<F::Error>> {
        if number == log.head {
            return Ok(log.next_seq);
        }
        Ok(self.header_of(number + 1).await?.first_seq)
    }

    /// The records of page `number`, one that counts.
    pub(super) async fn records(
        &mut self,
        log: &Log,
        number: u64,
    ) -> Result<Records, FlashError<F::Error>> {
        let limit = self.limit(log, number).await?;
        let seq = self.header_of(number).await?.first_seq;
        Ok(Records { at: Self::frames(number), seq, limit })
    }

    /// The next one, sound when the log was scanned.
    pub(super) async fn next_of(
        &mut self,
        records: &mut Records,
    ) -> Result<Option<Frame>, FlashError<F::Error>> {
        if records.seq >= records.limit {
            return Ok(None);
        }
        match self.frame(records.at).await? {
            Some(frame) if frame.header.seq == records.seq => {
                records.at += Self::padded(frame.len);
                records.seq += 1;
                Ok(Some(frame))
            }
            _ => Err(self.corrupt(records.at)),
        }
    }

    /// The last frame about `key`, if there is one.
    pub(super) async fn find(
        &mut self,
        log: &Log,
        key: Key<'_>,
    ) -> Result<Option<Frame>, FlashError<F::Error>> {
        let mut number = log.head + 1;
        while number > log.tail {
            number -= 1;
            let mut last = None;
            let mut records = self.records(log, number).await?;
            while let Some(frame) = self.next_of(&mut records).await? {
                if self.is_about(&frame, key).await? {
                    last = Some(frame);
                }
            }
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }

    /// Whether `frame` holds a value that counts.
    pub(super) async fn is_live(
        &mut self,
        log: &Log,
        frame: &Frame,
    ) -> Result<bool, FlashError<F::Error>> {
        if !frame.is_value() {
            return Ok(false);
        }
        let Some(key) = self.key_of(frame).await? else { return Err(self.corrupt(frame.position)) };
        let last = self.find(log, key).await?;
        Ok(last.is_some_and(|last| last.position == frame.position))
    }

    /// Bytes of the values in page `number` that count.
    async fn live(&mut self, log: &Log, number: u64) -> Result<u64, FlashError<F::Error>> {
        let mut live = 0;
        let mut records = self.records(log, number).await?;
        while let Some(frame) = self.next_of(&mut records).await? {
            if self.is_live(log, &frame).await? {
                live += Self::padded(frame.len);
            }
        }
        Ok(live)
    }

    /// Whether, going round, there will be a page with room for `len` bytes besides what counts.
    pub(super) async fn will_have_room(
        &mut self,
        log: &Log,
        len: u64,
    ) -> Result<bool, FlashError<F::Error>> {
        if log.used() + 1 < self.pages() {
            return Ok(len <= room::<F>());
        }
        for number in log.tail..=log.head {
            if self.live(log, number).await? + len <= room::<F>() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
