//! Streams through bounded queues.

use super::{Cell, Program, Table};
use crate::{
    message::Size,
    peers::Peer,
    queue::{Shape, Traffic},
    run::Place,
};

pub fn tables() -> Vec<Table> {
    let mut tables = vec![];
    for place in Place::USUAL {
        for shape in [Shape::SPSC, Shape::MPSC, Shape::MPMC] {
            tables.push(table(shape, place));
        }
    }
    tables
}

fn table(shape: Shape, place: Place) -> Table {
    let mut cells = vec![];
    for size in [Size::Word, Size::Block] {
        for capacity in [1, 100, 10_000] {
            cells.push(cell("bounded", shape, place, capacity, size));
        }
    }
    let Shape { senders, receivers } = shape;
    let title = format!("Bounded {} {senders}x{receivers}, {}", shape.name(), place.name());
    let unit = if place.is_local() { "ns per message, processor time" } else { "ns per message" };
    Table { title, unit, cells }
}

pub fn cell(group: &str, shape: Shape, place: Place, capacity: usize, size: Size) -> Cell {
    let bytes = size.bytes();
    let name = format!("{group}/{}/{}/{capacity}/{bytes}", shape.name(), place.name());
    let column = format!("{capacity} x {bytes} B");
    let program = move |peer: &Peer| -> Option<Program> {
        let flow = (peer.bounded)(shape, capacity)?;
        if !flow.shared && !place.is_local() {
            return None;
        }
        Some(Box::new(move |messages| {
            let traffic =
                Traffic { shape, capacity, size, messages, fill: capacity, burst: u64::MAX };
            (flow.stream)(&traffic).run(place)
        }))
    };
    Cell::timed(name, column, place, program).with_capacity(capacity)
}
