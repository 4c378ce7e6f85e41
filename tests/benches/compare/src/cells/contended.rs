//! More threads than cores: what a holder of a lock costs that is not running.

use super::{Table, bounded};
use crate::{message::Size, queue::Shape, run::Place};

pub fn table() -> Table {
    let cell =
        |capacity| bounded::cell("contended", Shape::MPMC, Place::Smol8, capacity, Size::Word);
    Table {
        title: "Bounded mpmc 4x4, eight threads on two cores".into(),
        unit: "ns per message",
        cells: [1, 100].map(cell).into(),
    }
}
