//! What waiting costs: nothing, one hopes.

use super::{Cell, Table};
use crate::{clock, queue::Shape, run};
use std::{thread, time::Duration};

const WAIT: Duration = Duration::from_millis(200);

/// Until all have parked.
const SETTLE: Duration = Duration::from_millis(5);

pub fn table() -> Table {
    let two = Shape { senders: 2, receivers: 2 };
    let cells = [(Shape::SPSC, "one of each"), (two, "two of each")].map(|(shape, column)| {
        let name = format!("idle/{}", shape.name());
        Cell::counted(name, column.into(), move |peer| {
            let flow = (peer.bounded)(shape, 1)?;
            if !flow.shared {
                return None;
            }
            let idle = (flow.idle)(shape);
            let parked = idle.parked.start(run::smol2());
            thread::sleep(SETTLE);
            let before = clock::process();
            thread::sleep(WAIT);
            let used = clock::process() - before;
            idle.release.start(run::smol2()).finish();
            parked.finish();
            Some(used.as_nanos() as f64 / 1e3)
        })
    });
    let millis = WAIT.as_millis();
    Table {
        title: format!(
            "Idle for {millis} ms: receivers of an empty channel, senders to a full one"
        ),
        unit: "us of processor time of the whole process, the harness included",
        cells: cells.into(),
    }
}
