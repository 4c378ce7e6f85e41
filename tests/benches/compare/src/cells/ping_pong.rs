//! One message to and fro between two tasks.

use super::{Cell, Program, Table};
use crate::{peers::Peer, queue::Shape, run::Place};

pub fn table() -> Table {
    let cells = Place::USUAL.map(|place| {
        let program = move |peer: &Peer| -> Option<Program> {
            let flow = (peer.bounded)(Shape::SPSC, 1)?;
            if !flow.shared && !place.is_local() {
                return None;
            }
            Some(Box::new(move |rounds| (flow.ping_pong)(rounds).run(place)))
        };
        let name = format!("ping-pong/{}", place.name());
        Cell::timed(name, place.name().into(), place, program).with_capacity(1)
    });
    Table {
        title: "Ping-pong over two channels for one message".into(),
        unit: "ns per round trip; local: processor time",
        cells: cells.into(),
    }
}
