//! Supervisors of any strategy, driver and depth.

use super::{
    ms,
    restarts::Restarts,
    worker::Worker,
    world::{Member, World},
};
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use futures_util::Stream;
use klaw::{
    Backoff, CancelToken, ChildId, Jitter, Receiver, Restart, Sender, Shutdown, Strategy,
    Supervisor, SupervisorError,
    channel::ReceiverStream,
    serve,
    supervise::{ChildInfo, InPlace, Refused, Request, Requests, RestartDelays, Spawned, task},
};
use std::rc::Rc;

pub(crate) type Running = Pin<Box<dyn Future<Output = Result<(), SupervisorError>>>>;

/// The names by which children are added, in start order.
pub(super) const GROUPS: &[&str] = &["first", "second", "inner", "last"];

/// How deep supervisors are nested at most.
const DEPTH: usize = 2;

/// What a supervisor can be asked by hand: to stop, restart or delete one of its children.
#[derive(Clone, Copy)]
pub(crate) enum ByHand {
    Stop(ChildId),
    Restart(ChildId),
    Delete(ChildId),
}

/// Requests on their way to a supervisor, and its answers.
pub(crate) struct Hand {
    requests: Pin<Box<ReceiverStream<ByHand>>>,
    answers: Sender<Result<(), Refused>>,
}

impl Hand {
    pub(crate) fn new(requests: Receiver<ByHand>, answers: Sender<Result<(), Refused>>) -> Self {
        Self { requests: Box::pin(requests.into_stream()), answers }
    }
}

impl<N> Requests<N> for Hand {
    fn poll_request(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request<N>>> {
        Poll::Ready(ready!(self.requests.as_mut().poll_next(cx)).map(|request| match request {
            ByHand::Stop(id) => Request::Stop(id),
            ByHand::Restart(id) => Request::Restart(id),
            ByHand::Delete(id) => Request::Delete(id),
        }))
    }

    fn answer(self: Pin<&mut Self>, answer: Result<(), Refused>) {
        self.answers.try_send(answer).expect("one request at a time");
    }

    fn give_back(self: Pin<&mut Self>, _: N, _: Refused) {
        unreachable!("nobody asks to add a child");
    }

    fn list(self: Pin<&mut Self>, _: &mut dyn Iterator<Item = ChildInfo>) {
        unreachable!("nobody asks for a list");
    }
}

fn shutdown(world: &World) -> Shutdown {
    match world.dice.below(4) {
        0 => Shutdown::Kill,
        1 | 2 if world.plan.hangs => Shutdown::Drain(world.dice.up_to_ms(10)),
        1 => Shutdown::Drain(world.dice.up_to_ms(10)),
        _ if world.plan.hangs => Shutdown::Drain(ms(1)),
        _ => Shutdown::Infinite,
    }
}

fn restart(world: &World) -> Restart {
    world.dice.one_of([Restart::Always, Restart::Always, Restart::OnFailure, Restart::Never])
}

/// A supervisor of a few workers and perhaps of other supervisors.
pub(crate) fn supervise(world: &Rc<World>, depth: usize, stop: CancelToken, hand: Hand) -> Running {
    let dice = &world.dice;
    let strategy = dice.one_of([Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne]);
    let (max, window) = (dice.below(8) as usize, dice.up_to_ms(20));
    let restarts = Rc::new(Restarts::new(strategy, max, window, GROUPS));
    world.supervisors.borrow_mut().push(restarts.clone());
    let clock = world.clock.clone();
    let observer = move |event: &klaw::Event<'_>| restarts.note(klaw::Clock::now(&clock), event);

    let [first, second, last] =
        [GROUPS[0], GROUPS[1], GROUPS[3]].map(|name| world.join(name, 1 + dice.below(4) as usize));
    let worker = |member: &Member| {
        let (world, history) = (world.clone(), member.history.clone());
        move |me| serve(Worker::new(&world, &history), me)
    };
    let inner = world.clone();
    let nested = if depth < DEPTH { dice.below(2) as usize } else { 0 };
    let delays = Backoff::exponential(ms(1)).max(ms(5));
    let supervisor = Supervisor::new(strategy)
        .max_restarts(max)
        .restart_window(window)
        .observe(observer)
        .shutdown(shutdown(world))
        .actor(&first.mailbox, restart(world), worker(&first))
        .shutdown(shutdown(world))
        .actor(&second.mailbox, restart(world), worker(&second))
        .shutdown(shutdown(world))
        .children(GROUPS[2], nested, restart(world), move |_| {
            let world = inner.clone();
            move || {
                let stop = CancelToken::new();
                task(supervise(&world, depth + 1, stop.clone(), no_hand())).stop_with(stop)
            }
        })
        .shutdown(shutdown(world))
        .actor(&last.mailbox, restart(world), worker(&last))
        .backoff(RestartDelays::new(delays).jitter(Jitter::Full, dice.below(1000)));
    let clock = &world.clock;
    if dice.chance(500) {
        let running = supervisor.run_with(InPlace, clock);
        Box::pin(running.until(stop.cancelled()).requests(hand))
    } else {
        let running = supervisor.run_with(Spawned(world.spawner.named("child")), clock);
        Box::pin(running.until(stop.cancelled()).requests(hand))
    }
}

/// Nobody asks for anything.
fn no_hand() -> Hand {
    let (_, requests) = klaw::bounded(1);
    let (answers, _) = klaw::bounded(1);
    Hand::new(requests, answers)
}
