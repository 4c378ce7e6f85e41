//! What is allocated: for a channel, and for a message.

use super::{Cell, Table, unbounded};
use crate::{
    memory,
    message::Size,
    peers::Peer,
    queue::{Flow, Shape, Traffic},
};

/// How many messages long runs differ by.
const MESSAGES: u64 = 16_000;

pub fn channels() -> Table {
    let held = |flow: Flow, capacity| {
        let memory = (flow.create)(capacity);
        [memory.calls as f64, memory.held as f64]
    };
    let mut cells = vec![];
    for capacity in [1, 100, 10_000] {
        cells.extend(pair(&format!("memory/channel/{capacity}"), move |peer| {
            Some(held((peer.bounded)(Shape::SPSC, capacity)?, capacity))
        }));
    }
    cells.extend(pair("memory/channel/unbounded", move |peer| {
        Some(held(peer.unbounded?, usize::MAX))
    }));
    Table {
        title: "Memory of an unused channel for 8 B messages".into(),
        unit: "allocations to create it, and bytes held on the heap",
        cells,
    }
}

/// Polled by hand, so that no executor allocates beside them.
pub fn messages() -> Table {
    let mut cells = vec![];
    for capacity in [1, 100] {
        cells.extend(pair(&format!("memory/message/{capacity}"), move |peer| {
            let flow = (peer.bounded)(Shape::SPSC, capacity)?;
            let (shape, size, burst) = (Shape::SPSC, Size::Word, u64::MAX);
            Some(each(flow, |messages| Traffic {
                shape,
                capacity,
                size,
                messages,
                fill: capacity,
                burst,
            }))
        }));
    }
    cells.extend(pair("memory/message/unbounded", |peer| {
        Some(each(peer.unbounded?, |messages| unbounded::traffic(Shape::SPSC, messages)))
    }));
    Table {
        title: "Memory per 8 B message in the long run, one sender, one receiver".into(),
        unit: "allocations and bytes; at capacity 1 both sides park for each message",
        cells,
    }
}

/// The difference of a long run and a longer one, so that what is allocated once does not count.
fn each(flow: Flow, traffic: impl Fn(u64) -> Traffic) -> [f64; 2] {
    let [less, more] = [MESSAGES, 2 * MESSAGES].map(|messages| {
        let work = (flow.stream)(&traffic(messages));
        memory::count(|| work.run_by_hand()).1
    });
    let per_message = |less: u64, more: u64| more.saturating_sub(less) as f64 / MESSAGES as f64;
    [per_message(less.calls, more.calls), per_message(less.bytes, more.bytes)]
}

/// Two columns of one count.
fn pair(name: &str, count: impl Fn(&Peer) -> Option<[f64; 2]> + Copy + 'static) -> [Cell; 2] {
    let capacity = name.rsplit('/').next().unwrap_or_default();
    ["allocations", "bytes"].map(|what| {
        let column = format!("{capacity}: {what}");
        let at = usize::from(what == "bytes");
        Cell::counted(format!("{name}/{what}"), column, move |peer| Some(count(peer)?[at]))
    })
}
