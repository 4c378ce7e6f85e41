//! Bytes that come in parts, programmed as whole words.

use super::{
    error::FlashError,
    frame::Frame,
    ring::{CHUNK, Chunk, Ring},
};
use embedded_storage_async::nor_flash::NorFlash;

/// Where bytes go that are programmed one after the other.
pub(super) struct Gather<'r, F> {
    ring: &'r mut Ring<F>,
    /// Where the first byte that was not programmed yet goes.
    position: u64,
    chunk: Chunk,
    len: usize,
}

impl<'r, F: NorFlash> Gather<'r, F> {
    /// From `position` on, which is a word's.
    pub(super) fn new(ring: &'r mut Ring<F>, position: u64) -> Self {
        Self { ring, position, chunk: Chunk::new(), len: 0 }
    }

    pub(super) async fn bytes(&mut self, bytes: &[u8]) -> Result<(), FlashError<F::Error>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(CHUNK - self.len));
            self.chunk.0[self.len..][..now.len()].copy_from_slice(now);
            self.len += now.len();
            self.full().await?;
            rest = later;
        }
        Ok(())
    }

    /// The payload of `frame`, from where it is.
    pub(super) async fn payload(&mut self, frame: &Frame) -> Result<(), FlashError<F::Error>> {
        let (mut at, end) = (frame.payload(), frame.position + frame.len);
        while at < end {
            let len = (end - at).min((CHUNK - self.len) as u64) as usize;
            self.ring.read(at, &mut self.chunk.0[self.len..][..len]).await?;
            self.len += len;
            self.full().await?;
            at += len as u64;
        }
        Ok(())
    }

    async fn full(&mut self) -> Result<(), FlashError<F::Error>> {
        if self.len == CHUNK {
            self.ring.write(self.position, &self.chunk.0).await?;
            self.position += CHUNK as u64;
            self.len = 0;
        }
        Ok(())
    }

    /// Programs what is left, padded to whole words; where the next one is.
    pub(super) async fn finish(mut self) -> Result<u64, FlashError<F::Error>> {
        let len = Ring::<F>::padded(self.len as u64) as usize;
        if len > 0 {
            self.chunk.0[self.len..len].fill(0xff);
            self.ring.write(self.position, &self.chunk.0[..len]).await?;
        }
        Ok(self.position + len as u64)
    }
}
