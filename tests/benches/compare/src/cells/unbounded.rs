//! Streams through unbounded queues.

use super::{Cell, Program, Table};
use crate::{
    message::Size,
    peers::Peer,
    queue::{Shape, Traffic},
    run::Place,
};

/// Nothing makes these senders wait, so they yield now and then.
const BURST: u64 = 100;

pub fn table() -> Table {
    let cells = Place::USUAL.map(|place| {
        let program = move |peer: &Peer| -> Option<Program> {
            let flow = peer.unbounded.filter(|flow| flow.shared || place.is_local())?;
            Some(Box::new(move |messages| {
                (flow.stream)(&traffic(Shape::MPSC, messages)).run(place)
            }))
        };
        let name = format!("unbounded/mpsc/{}", place.name());
        Cell::timed(name, place.name().into(), place, program)
    });
    Table {
        title: format!("Unbounded mpsc 4x1, 8 B, senders yield every {BURST} messages"),
        unit: "ns per message; local: processor time",
        cells: cells.into(),
    }
}

pub fn traffic(shape: Shape, messages: u64) -> Traffic {
    Traffic { shape, capacity: usize::MAX, size: Size::Word, messages, fill: 0, burst: BURST }
}
