//! The actor of `src/counter.rs`, which the firmware runs as well.

use super::*;
use klaw::{AskError, serve};
use klaw_tests::counter::{Counter, Msg};

#[test]
fn the_same_actor_runs_on_every_executor() {
    run(async |rt: Rt| {
        let counter = rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap();
        for n in 1..=10 {
            counter.tell(Msg::Add(n)).await.ok().unwrap();
        }
        assert_eq!(counter.ask(Msg::Get).await, Ok(55));
        counter.tell(Msg::Add(0)).await.ok().unwrap();
        assert_eq!(counter.ask(Msg::Get).await, Ok(0), "begun anew");
        counter.stop();
        counter.closed().await;
        assert_eq!(counter.ask(Msg::Get).await, Err(AskError::Closed));
    });
}
