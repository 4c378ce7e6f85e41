//! Lines on standard output, whose reader may go away.

use core::fmt::Display;
use std::io::{BufWriter, ErrorKind, Result, Write};

/// Prints lines until nobody reads them any more.
pub struct Output<W: Write> {
    to: BufWriter<W>,
    closed: bool,
}

impl<W: Write> Output<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), closed: false }
    }

    /// Prints a line, unless the reader has gone away: it has seen enough, which is no failure.
    pub fn line(&mut self, line: impl Display) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = writeln!(self.to, "{line}");
        self.unless_closed(written)
    }

    /// Whether the reader has gone away.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Prints what is still held back.
    pub fn finish(&mut self) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.to.flush();
        self.unless_closed(flushed)
    }

    fn unless_closed(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}
