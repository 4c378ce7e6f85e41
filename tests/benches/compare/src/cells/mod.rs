//! What is measured: tables, and their columns.

mod bounded;
mod contended;
mod idle;
mod memory;
mod oneshot;
mod ping_pong;
mod to_all;
mod unbounded;
mod uncontended;

use crate::{peers::Peer, run::Place};
use std::time::Duration;

/// Does something so many times, and says how long it took.
pub type Program = Box<dyn Fn(u64) -> Duration>;

/// Something of a peer, if it has what that takes.
type OfPeer<T> = Box<dyn Fn(&Peer) -> Option<T>>;

/// What a cell needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// One thread, whose processor time counts.
    One,
    /// Two with a core each, and the wall clock.
    Two,
    /// More than there are cores, and the wall clock.
    Many,
}

pub enum Measure {
    /// What is timed.
    Time(OfPeer<Program>),
    /// A number that does not vary.
    Count(OfPeer<f64>),
}

/// One column of a table.
pub struct Cell {
    pub name: String,
    pub column: String,
    pub capacity: Option<usize>,
    pub threads: Threads,
    pub measure: Measure,
}

pub struct Table {
    pub title: String,
    pub unit: &'static str,
    pub cells: Vec<Cell>,
}

impl Cell {
    /// A cell that is timed in one place.
    fn timed(
        name: String,
        column: String,
        place: Place,
        program: impl Fn(&Peer) -> Option<Program> + 'static,
    ) -> Self {
        let measure = Measure::Time(Box::new(program));
        Self { name, column, capacity: None, threads: place.threads(), measure }
    }

    /// A cell that counts.
    fn counted(
        name: String,
        column: String,
        count: impl Fn(&Peer) -> Option<f64> + 'static,
    ) -> Self {
        let measure = Measure::Count(Box::new(count));
        Self { name, column, capacity: None, threads: Threads::One, measure }
    }

    const fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = Some(capacity);
        self
    }
}

pub fn all() -> Vec<Table> {
    let mut tables = vec![uncontended::table()];
    tables.extend(bounded::tables());
    tables.extend([contended::table(), unbounded::table(), ping_pong::table()]);
    tables.extend([oneshot::table(), to_all::broadcast(), to_all::watch()]);
    tables.extend([memory::channels(), memory::messages(), idle::table()]);
    tables
}
