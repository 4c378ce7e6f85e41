//! What a range of flash holds, after any power cut.

use super::{
    error::FlashError,
    frame::{BEGUN_LEN, COPIED, Frame},
    log::Log,
    ring::Ring,
};
use embedded_storage_async::nor_flash::NorFlash;
use klaw::checkpoint::{PageHeader, recover::Walk};

impl<F: NorFlash> Ring<F> {
    /// Finds out where the log stands. Writes nothing.
    pub(super) async fn scan(&mut self) -> Result<Log, FlashError<F::Error>> {
        let Some(newest) = self.newest().await? else {
            return self.unwritten(self.pages()).await;
        };
        let mut epoch = newest.epoch;
        let head = match self.begun(&newest).await? {
            Some(tail) => (newest, tail),
            // The first page of all was not finished.
            None if newest.first_seq == 1 => return self.unwritten(newest.number + 1).await,
            // A power cut while it was begun: it holds nothing but copies.
            None => {
                let before = self.header_of(newest.number - 1).await?;
                match self.begun(&before).await? {
                    Some(tail) => (before, tail),
                    None => return Err(self.corrupt(before.number * Self::PAGE)),
                }
            }
        };
        let (PageHeader { number: head, .. }, tail) = head;
        if tail > head || head - tail + 2 > self.pages() {
            return Err(self.corrupt(head * Self::PAGE));
        }
        let mut walk = Walk::new(Self::frames(tail), self.header_of(tail).await?.first_seq);
        for number in tail..head {
            let limit = self.header_of(number + 1).await?.first_seq;
            self.walk(&mut walk, number, limit).await?;
            if walk.next_seq() != limit {
                return Err(self.corrupt(walk.at()));
            }
        }
        self.walk(&mut walk, head, u64::MAX).await?;
        let end = self.end(&walk, head).await?;
        // The page behind the head was never begun, or its header was damaged.
        let next = head + 1;
        if self.header(next).await?.is_none_or(|header| header.number != next)
            && self.has_witness(Self::frames(next), walk.next_seq() - 1, Frame::is_begun).await?
        {
            return Err(self.corrupt(next * Self::PAGE));
        }
        epoch = epoch.max(walk.epoch()).wrapping_add(1);
        Ok(Log { tail, head, end, next_seq: walk.next_seq(), epoch })
    }

    /// The header with the greatest number.
    async fn newest(&mut self) -> Result<Option<PageHeader>, FlashError<F::Error>> {
        let mut newest: Option<PageHeader> = None;
        for place in 0..self.pages() {
            if let Some(header) = self.header(place).await?
                && header.number % self.pages() == place
                && newest.is_none_or(|newest| newest.number < header.number)
            {
                newest = Some(header);
            }
        }
        Ok(newest)
    }

    /// A log without pages, if nothing but the first page of one was ever begun.
    ///
    /// Its first page has a number from `least` on. It is one that is blank while there is any, since
    /// an erase that is cut short may leave anything.
    async fn unwritten(&mut self, least: u64) -> Result<Log, FlashError<F::Error>> {
        let mut first = None;
        for number in least..least + self.pages() {
            if self.is_blank(number * Self::PAGE).await? {
                first = first.or(Some(number));
            } else if !self.is_blank(Self::frames(number)).await?
                && self.header(number).await?.is_none()
            {
                return Err(FlashError::NotFormatted);
            }
        }
        let tail = first.unwrap_or(least);
        Ok(Log { tail, head: tail - 1, end: None, next_seq: 1, epoch: 1 })
    }

    /// Which page is the log's first, as the page with this header says; `None` if it was not finished.
    async fn begun(&mut self, page: &PageHeader) -> Result<Option<u64>, FlashError<F::Error>> {
        let mut walk = Walk::new(Self::frames(page.number), page.first_seq);
        while let Some(frame) = self.step(&mut walk).await? {
            if frame.is_begun() {
                let mut tail = [0; BEGUN_LEN];
                self.read(frame.payload(), &mut tail).await?;
                return Ok(Some(u64::from_le_bytes(tail)));
            }
        }
        // It was not finished, unless something is there that is only written behind the mark.
        let witness = |frame: &Frame| frame.header.kind != COPIED;
        if self.has_witness(Self::next_place(walk.at()), walk.next_seq(), witness).await? {
            return Err(self.corrupt(walk.at()));
        }
        Ok(None)
    }

    /// The sound frame at the walk's place, if it belongs there; the walk moves behind it.
    async fn step(&mut self, walk: &mut Walk) -> Result<Option<Frame>, FlashError<F::Error>> {
        if walk.at().is_multiple_of(Self::PAGE) {
            // The page before is full to its last byte.
            return Ok(None);
        }
        let frame = self.sound_frame(walk.at()).await?;
        Ok(frame.filter(|frame| walk.pass(&frame.header, Self::padded(frame.len) as usize)))
    }

    /// Walks over the records of a page that are before `limit`.
    async fn walk(
        &mut self,
        walk: &mut Walk,
        number: u64,
        limit: u64,
    ) -> Result<(), FlashError<F::Error>> {
        walk.go_on_at(Self::frames(number));
        while walk.next_seq() < limit && self.step(walk).await?.is_some() {}
        Ok(())
    }

    /// Where the log goes on in its head; `None` if a torn frame is in the way.
    async fn end(&mut self, walk: &Walk, head: u64) -> Result<Option<u64>, FlashError<F::Error>> {
        let full = walk.at() >= (head + 1) * Self::PAGE;
        if full || self.is_blank(walk.at()).await? {
            return Ok(Some(walk.at()));
        }
        if self.has_witness(Self::next_place(walk.at()), walk.next_seq(), |_| true).await? {
            return Err(self.corrupt(walk.at()));
        }
        Ok(None)
    }

    /// Whether a sound frame from `from` on, with a number after `seq`, was written to this page.
    ///
    /// Nothing is ever written behind a torn frame in its page: it shows that something was damaged.
    async fn has_witness(
        &mut self,
        from: u64,
        seq: u64,
        counts: impl Fn(&Frame) -> bool,
    ) -> Result<bool, FlashError<F::Error>> {
        let end = Self::page_end(from - 1);
        let mut at = from;
        while at < end {
            if let Some(frame) = self.frame(at).await?
                && frame.header.seq > seq
                && frame.header.synced_upto == at
                && counts(&frame)
                && self.sound_frame(at).await?.is_some()
            {
                return Ok(true);
            }
            at = Self::next_place(at);
        }
        Ok(false)
    }
}
