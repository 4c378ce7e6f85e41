//! In which context a job runs.

use super::{occupy, pool};
use klaw::{Context, Key, SpawnBlocking};
use smol::future::block_on;
use std::sync::mpsc::{Sender, channel};

static TENANT: Key<u32> = Key::new("tenant");

fn tenant() -> Option<u32> {
    Context::current().get(&TENANT).copied()
}

/// Tells in which context it is dropped.
struct Owned(Sender<(&'static str, Option<u32>)>, &'static str);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.send((self.1, tenant())).unwrap();
    }
}

#[test]
fn x1_jobs_run_and_are_dropped_in_the_context_of_the_call() {
    let pool = pool(1, 8);
    let seven = Context::empty().with(|context| context.set(&TENANT, 7));
    let (dropped, drops) = channel();
    let owned = |name| Owned(dropped.clone(), name);

    let (closure, result) = (owned("closure"), owned("result"));
    let run = || {
        pool.run(move || {
            let _closure = closure;
            (tenant(), result)
        })
    };
    let (inside, result) = block_on(seven.enter(run)).unwrap();
    assert_eq!(inside, Some(7));
    assert_eq!(drops.recv(), Ok(("closure", Some(7))));
    drop(result);
    assert_eq!(drops.recv(), Ok(("result", None)), "a result is its receiver's");

    let job = seven.enter(|| pool.try_run(tenant)).unwrap();
    assert_eq!(block_on(job).unwrap(), Some(7));

    let (told, telling) = channel();
    seven.enter(|| pool.spawn_blocking(move || told.send(tenant()).unwrap())).unwrap();
    assert_eq!(telling.recv(), Ok(Some(7)));

    // Owned before it starts, by a thread that knows of no context.
    let (first, release) = occupy(&pool);
    let closure = owned("never run");
    let never = seven.enter(|| pool.run(move || drop(closure)));
    drop(never);
    assert_eq!(drops.recv(), Ok(("never run", Some(7))));
    drop(release);
    block_on(first).unwrap();

    // Owned while it runs: its result is dropped where it was made.
    let (started, is_started) = channel();
    let (release, released) = channel::<()>();
    let result = owned("unwanted");
    let unwanted = seven.enter(|| {
        pool.run(move || {
            started.send(()).unwrap();
            assert!(released.recv().is_err());
            result
        })
    });
    is_started.recv().unwrap();
    drop(unwanted);
    drop(release);
    assert_eq!(drops.recv(), Ok(("unwanted", Some(7))));
    assert_eq!(block_on(pool.run(tenant)).unwrap(), None, "and left again");
}
