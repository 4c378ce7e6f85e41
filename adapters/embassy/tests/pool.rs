//! Spawning by pools: of a named type, and of boxes.

mod executor;

use core::{
    cell::Cell,
    future::{Ready, ready},
    time::Duration,
};
use embassy_time::Duration as Ticks;
use executor::Chip;
use klaw_embassy::{
    BoxPool, Boxed, Clock, EmbassyClock, LocalBoxPool, LocalBoxed, Pool, Restart, Runtime, Spawn,
    SpawnErrorKind, Strategy, Supervisor, klaw, task,
};
use std::rc::Rc;

#[test]
fn a_full_pool_gives_the_future_back_and_has_room_again_after_an_end() {
    static POOL: Pool<Ready<()>, 2> = Pool::new();
    let chip = Chip::new();
    let executor = POOL.local(chip.spawner());
    for _ in 0..3 {
        executor.spawn(ready(())).unwrap();
        executor.spawn(ready(())).unwrap();
        let refused = executor.spawn(ready(())).unwrap_err();
        assert_eq!(refused.kind, SpawnErrorKind::Full);
        assert!(refused.refused.is_some());
        chip.settle();
    }
}

#[test]
fn boxed_futures_of_any_type_run_without_being_send() {
    static POOL: LocalBoxPool<3> = Pool::new();
    let chip = Chip::new();
    let rt = Runtime::new(LocalBoxed(POOL.local(chip.spawner())), EmbassyClock);
    let not_send = Rc::new(Cell::new(1));
    let seen = not_send.clone();
    let one = rt.submit(async move { seen.replace(5) }).unwrap();
    let two = rt
        .submit(async {
            EmbassyClock.sleep(Duration::from_millis(1)).await;
            "two"
        })
        .unwrap();
    let both = async move { (one.await.unwrap(), two.await.unwrap()) };
    assert_eq!(chip.run(Ticks::from_micros(100), both), (1, "two"));
    assert_eq!(not_send.get(), 5);
}

#[test]
fn a_tree_has_a_task_for_each_child_and_stops() {
    static POOL: BoxPool<2> = Pool::new();
    let chip = Chip::new();
    let rt = Runtime::new(Boxed(POOL.on(chip.spawner().make_send())), EmbassyClock);
    let tree = || {
        Supervisor::new(Strategy::OneForOne).shutdown(klaw::Shutdown::Kill).child(
            "idle",
            Restart::Always,
            || task(core::future::pending::<()>()),
        )
    };
    for _ in 0..2 {
        let running = rt.supervise(tree()).unwrap();
        chip.settle();
        assert_eq!(rt.supervise(tree()).unwrap_err(), SpawnErrorKind::Full);
        assert_eq!(chip.run(Ticks::from_micros(1), async move { running.stop().await }), Ok(()));
    }
}
