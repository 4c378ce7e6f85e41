//! One message, and the channel is done.

use super::{Cell, Program, Table};
use crate::{oneshot::Shot, peers::Peer, run::Place};
use std::time::Duration;

pub fn table() -> Table {
    type Case = (&'static str, fn(Shot) -> fn(u64) -> Duration);
    let cases: [Case; 2] = [("ready", |shot| shot.ready), ("parked", |shot| shot.parked)];
    let cells = cases.map(|(name, pick)| {
        let program = move |peer: &Peer| -> Option<Program> { Some(Box::new(pick(peer.oneshot?))) };
        Cell::timed(format!("oneshot/{name}"), name.into(), Place::Local, program)
    });
    Table {
        title: "Oneshot: create, send, receive".into(),
        unit: "ns, processor time",
        cells: cells.into(),
    }
}
