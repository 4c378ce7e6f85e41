//! What an idle actor takes on the heap, counted by the allocator.

#![cfg(all(feature = "std", target_pointer_width = "64"))]

mod counting;
mod virtual_clock;

use core::{cell::RefCell, convert::Infallible, pin::Pin};
use counting::{allocated, poll};
use klaw::{Actor, ActorRef, Ctx, Runtime, Spawn, SpawnError, serve, supervise::Incarnations};
use virtual_clock::VirtualClock;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Keeps each task in a box: what an executor needs besides is not counted.
struct Boxes(RefCell<Vec<Task>>);

impl<F: Future<Output = ()> + 'static> Spawn<F> for Boxes {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.borrow_mut().push(Box::pin(future));
        Ok(())
    }
}

/// Its handler never waits.
struct Adder(u64);

impl Actor for Adder {
    type Msg = u64;
    type Error = Infallible;

    async fn handle(&mut self, number: u64, _: &mut Ctx<'_, u64>) -> Result<(), Infallible> {
        self.0 += number;
        Ok(())
    }
}

/// Its handler may wait until another actor has room.
struct Passes(ActorRef<u64>);

impl Actor for Passes {
    type Msg = u64;
    type Error = Infallible;

    async fn handle(&mut self, number: u64, _: &mut Ctx<'_, u64>) -> Result<(), Infallible> {
        let _: Result<(), _> = self.0.tell(number).await;
        Ok(())
    }
}

/// The bytes of an actor that has started and waits: its mailbox, and its task.
fn idle<M: 'static, I>(incarnation: I) -> [isize; 2]
where
    I: Incarnations<M, Incarnation: 'static> + FnMut(ActorRef<M>) -> I::Incarnation + 'static,
{
    let boxes = Boxes(RefCell::new(Vec::with_capacity(1)));
    let rt = Runtime::new(&boxes, VirtualClock::new());
    let (me, _, all) = allocated(|| {
        let me = rt.spawn_actor(incarnation).start().unwrap();
        assert!(poll(boxes.0.borrow_mut()[0].as_mut()).is_pending());
        me
    });
    assert_eq!(me.incarnations(), 1);
    let task = size_of_val(&*boxes.0.borrow()[0]).cast_signed();
    [all - task, task]
}

/// A clock's handle is 8 of it here.
#[test]
fn an_idle_actor_is_small() {
    let [mailbox, task] = idle(|me| serve(Adder(0), me));
    assert!(mailbox <= 352 && task <= 264, "{mailbox} and {task}");
}

/// The future of a handler that waits is in the task as well.
#[test]
fn an_idle_actor_that_tells_another_one_is_larger_by_the_future_of_its_handler() {
    let other = klaw::mailbox(1);
    let [mailbox, task] = idle(move |me| serve(Passes(other.clone()), me));
    assert!(mailbox <= 352 && task <= 352, "{mailbox} and {task}");
}
