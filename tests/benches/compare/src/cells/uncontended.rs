//! A send and a receive in turn on one thread; nothing ever waits.

use super::{Cell, Program, Table};
use crate::{message::Size, peers::Peer, queue::Shape, run::Place};

pub fn table() -> Table {
    let cases = [(1, Size::Word), (100, Size::Word), (100, Size::Block)];
    let cells = cases.map(|(capacity, size)| {
        let bytes = size.bytes();
        let name = format!("uncontended/{capacity}/{bytes}");
        let column = format!("{capacity} x {bytes} B");
        let program = move |peer: &Peer| -> Option<Program> {
            let flow = (peer.bounded)(Shape::SPSC, capacity)?;
            Some(Box::new(move |count| (flow.uncontended)(capacity, size, count)))
        };
        Cell::timed(name, column, Place::Local, program).with_capacity(capacity)
    });
    Table {
        title: "Send and receive in turn, one thread, no wait".into(),
        unit: "ns per pair, processor time",
        cells: cells.into(),
    }
}
