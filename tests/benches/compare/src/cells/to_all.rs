//! One sender, four receivers that all get everything.

use super::{Cell, Program, Table};
use crate::{
    broadcast,
    peers::{Peer, ToAll},
    run::Place,
};

const PLACES: [Place; 2] = [Place::Local, Place::Smol2];

pub fn broadcast() -> Table {
    Table {
        title: format!("Broadcast 1 to {}, capacity {}", broadcast::RECEIVERS, broadcast::CAPACITY),
        unit: "ns per message sent; local: processor time",
        cells: cells("broadcast", |peer| peer.broadcast),
    }
}

pub fn watch() -> Table {
    Table {
        title: "Watch 1 to 4, in step".into(),
        unit: "ns per update seen by all; local: processor time",
        cells: cells("watch", |peer| peer.watch),
    }
}

fn cells(group: &str, pick: fn(&Peer) -> Option<ToAll>) -> Vec<Cell> {
    let cell = |place: Place| {
        let program = move |peer: &Peer| -> Option<Program> {
            let work = pick(peer)?;
            Some(Box::new(move |count| work(count).run(place)))
        };
        Cell::timed(format!("{group}/{}", place.name()), place.name().into(), place, program)
    };
    PLACES.map(cell).into()
}
