//! What is written: frames at the end of the log, and the next page.

use super::{
    error::FlashError,
    frame::{BEGUN, COPIED, Frame, KEY_LEN, Key, SCHEMA},
    gather::Gather,
    log::Log,
    ring::Ring,
};
use embedded_storage_async::nor_flash::NorFlash;
use klaw::checkpoint::{
    HEADER_LEN, Header, PageHeader, RecordKind, key_hash, parts::Checksum, record::layout,
};

/// Where the next record goes, and what it carries.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    pub(super) at: u64,
    pub(super) seq: u64,
    pub(super) epoch: u32,
}

impl Pen {
    fn head<F: NorFlash>(
        &self,
        kind: RecordKind,
        key: u64,
        payload_len: usize,
    ) -> Result<[u8; HEADER_LEN], FlashError<F::Error>> {
        let Self { at: synced_upto, seq, epoch } = *self;
        let header = Header { epoch, seq, synced_upto, kind, schema: SCHEMA, key };
        let max = Ring::<F>::PAGE as usize;
        layout(&header, payload_len).map_err(|_| FlashError::TooLong { len: payload_len, max })
    }

    /// The pen behind a record that ends at `at`.
    const fn moved(self, at: u64) -> Self {
        Self { at, seq: self.seq + 1, ..self }
    }
}

impl<F: NorFlash> Ring<F> {
    /// Writes a record about `key`.
    pub(super) async fn put(
        &mut self,
        pen: Pen,
        kind: RecordKind,
        key: &[u8],
        value: &[u8],
    ) -> Result<Pen, FlashError<F::Error>> {
        let key_len = (key.len() as u32).to_le_bytes();
        let len = KEY_LEN + key.len() + value.len();
        let mut head = pen.head::<F>(kind, key_hash(key), len)?;
        let checksum = Checksum::new(&head, pen.at).update(&key_len).update(key).update(value);
        checksum.seal(&mut head);
        let mut gather = Gather::new(self, pen.at);
        for part in [&head[..], &key_len, key, value] {
            gather.bytes(part).await?;
        }
        Ok(pen.moved(gather.finish().await?))
    }

    /// Writes the value in `frame` once more.
    async fn copy(&mut self, pen: Pen, frame: &Frame) -> Result<Pen, FlashError<F::Error>> {
        let mut head = pen.head::<F>(COPIED, frame.header.key, frame.payload_len() as usize)?;
        let old = self.checksum(frame, Checksum::new(&frame.head, frame.position)).await?;
        if !old.matches(&frame.head) {
            return Err(self.corrupt(frame.position));
        }
        self.checksum(frame, Checksum::new(&head, pen.at)).await?.seal(&mut head);
        let mut gather = Gather::new(self, pen.at);
        gather.bytes(&head).await?;
        gather.payload(frame).await?;
        Ok(pen.moved(gather.finish().await?))
    }

    /// Says that the page is begun, and that the log starts with page `tail`.
    async fn put_begun(&mut self, pen: Pen, tail: u64) -> Result<Pen, FlashError<F::Error>> {
        let tail = tail.to_le_bytes();
        let mut head = pen.head::<F>(BEGUN, 0, tail.len())?;
        Checksum::new(&head, pen.at).update(&tail).seal(&mut head);
        let mut gather = Gather::new(self, pen.at);
        gather.bytes(&head).await?;
        gather.bytes(&tail).await?;
        Ok(pen.moved(gather.finish().await?))
    }

    /// Begins the page behind the head.
    ///
    /// If it is the last one that is free, what counts in the tail is copied to its front, but for
    /// the value under `without`, and the tail becomes free. Until the mark behind the copies is
    /// written, the page is not part of the log.
    pub(super) async fn begin_page(
        &mut self,
        log: &Log,
        without: Option<&[u8]>,
    ) -> Result<Log, FlashError<F::Error>> {
        let Log { head, mut tail, next_seq, epoch, .. } = *log;
        let number = head + 1;
        // What looks blank may be an erase cut short, unless nothing was ever erased.
        if log.used() > 0 || !self.is_blank(number * Self::PAGE).await? {
            self.erase(number).await?;
        }
        let header = PageHeader { first_seq: next_seq, number, epoch };
        let mut gather = Gather::new(self, number * Self::PAGE);
        gather.bytes(&header.encode()).await?;
        let mut pen = Pen { at: gather.finish().await?, seq: next_seq, epoch };
        if log.used() + 1 == self.pages() {
            let mut records = self.records(log, tail).await?;
            while let Some(frame) = self.next_of(&mut records).await? {
                let dropped = match without {
                    Some(key) => self.is_about(&frame, Key::Bytes(key)).await?,
                    None => false,
                };
                if !dropped && self.is_live(log, &frame).await? {
                    pen = self.copy(pen, &frame).await?;
                }
            }
            tail += 1;
        }
        pen = self.put_begun(pen, tail).await?;
        Ok(Log { tail, head: number, end: Some(pen.at), next_seq: pen.seq, epoch })
    }
}
