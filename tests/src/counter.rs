//! An actor that runs unchanged on threads, on one thread, and on a chip without a heap.

use klaw::{Actor, Ctx, Reply};

/// What a [`Counter`] is told.
#[derive(Debug)]
pub enum Msg {
    /// Adds a number; zero is an error, after which the count begins anew.
    Add(u32),
    /// Asks for the sum.
    Get(Reply<u32>),
}

/// Adds up.
#[derive(Debug, Default)]
pub struct Counter(u32);

impl Actor for Counter {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Add(0) => return Err("nothing to add"),
            Msg::Add(n) => self.0 += n,
            Msg::Get(reply) => reply.send(self.0),
        }
        Ok(())
    }
}
