//! Every interleaving of a map's workers with each other and with who awaits the results.

use super::{Imap, Map, Order};
use crate::spawn::{Spawn, SpawnError};
use core::{
    future::{Ready, ready},
    num::NonZeroUsize,
};
use loom::{future::block_on, model, thread};
use std::boxed::Box;

/// Runs each task on a thread of its own.
struct Threads;

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Threads {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        thread::spawn(move || block_on(Box::pin(future)));
        Ok(())
    }
}

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn same(n: u8) -> Ready<u8> {
    ready(n)
}

#[test]
fn loom_map_of_two_workers_gives_all_results() {
    model(|| {
        let results = block_on(Map::new(Threads, 0..2, same).width(TWO));
        assert!(results.into_iter().map(Result::unwrap).eq(0..2));
    });
}

/// One worker that waits for room, which the consumer makes.
#[test]
fn loom_stream_wakes_its_consumer_and_its_worker() {
    model(|| {
        let mut stream = Imap::new(Threads, 0..2, same, Order::Input).width(NonZeroUsize::MIN);
        block_on(async {
            for n in 0..2 {
                assert!(matches!(stream.next().await, Some(Ok(found)) if found == n));
            }
            assert!(stream.next().await.is_none());
        });
    });
}

/// A consumer that goes away lets a worker that waits for room end.
#[test]
fn loom_stream_dropped_while_its_worker_waits_for_room() {
    model(|| {
        let mut stream = Imap::new(Threads, 0..3, same, Order::Completion).width(NonZeroUsize::MIN);
        assert!(matches!(block_on(stream.next()), Some(Ok(0))));
        drop(stream);
    });
}
