//! What a context costs: polls with one beside bare polls, and `tracing` that nobody listens to.
//!
//! All are measured in turn in every round; medians over the rounds, and the difference to a bare
//! poll of the same round.
//!
//! `cargo bench -p klaw-tests --bench context_cost [-- ROUNDS]`

use klaw::{
    Context, Entropy, Key,
    context::{ThreadEntropy, TraceFlags, TraceParent, task_span},
};
use std::{
    hint::black_box,
    pin::{Pin, pin},
    task::{self, Poll, Waker},
    time::Instant,
};

/// How often each thing is done in a round.
const TURNS: u32 = 100_000;

static USER: Key<&str> = Key::new("user");

/// Something to be measured, done many times over.
type Case<'a> = Box<dyn FnMut() + 'a>;

/// The least that a poll can do.
struct Bare;

impl Future for Bare {
    type Output = ();

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<()> {
        black_box(Poll::Pending)
    }
}

/// As a task does: its span is entered for the poll.
struct Spanned<F>(tracing::Span, F);

impl<F: Future + Unpin> Future for Spanned<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let Self(span, future) = &mut *self;
        span.in_scope(|| Pin::new(future).poll(cx))
    }
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let rounds = numbers.next().unwrap_or(101);
    let full = Context::empty().with(|context| {
        let context = context.request_id("r-1").set(&USER, "ann");
        context.new_trace(TraceFlags::SAMPLED, &mut ThreadEntropy)
    });
    let request = Context::empty().with(|context| context.request_id("r-1"));
    let header = full.traceparent().expect("it has a trace").to_bytes();

    let mut bare = pin!(Bare);
    let mut empty = pin!(Context::empty().run(Bare));
    let mut with = pin!(full.clone().run(Bare));
    let mut spanned = pin!(Spanned(task_span("bench"), Bare));
    let full_too = full.clone();
    let mut cases: Vec<(&str, Case<'_>)> = vec![
        ("bare poll", polls(bare.as_mut())),
        ("poll with the empty context", polls(empty.as_mut())),
        ("poll with a full context", polls(with.as_mut())),
        ("poll in a disabled span", polls(spanned.as_mut())),
        ("disabled event", Box::new(|| turns(|| tracing::trace!(x = black_box(1), "nothing")))),
        ("current, empty", Box::new(|| turns(Context::current))),
        ("current, full", Box::new(|| full_too.enter(|| turns(Context::current)))),
        (
            "enter, empty",
            Box::new(|| turns(|| black_box(&Context::empty()).enter(|| black_box(0)))),
        ),
        ("enter, full", Box::new(|| turns(|| black_box(&full).enter(|| black_box(0))))),
        ("for_spawn, empty", Box::new(|| turns(|| black_box(&Context::empty()).for_spawn()))),
        ("for_spawn, no trace", Box::new(|| turns(|| black_box(&request).for_spawn()))),
        ("for_spawn, full", Box::new(|| turns(|| black_box(&full).for_spawn()))),
        ("traceparent, parse", Box::new(|| turns(|| TraceParent::parse(black_box(&header))))),
        ("64 random bits", Box::new(|| turns(|| ThreadEntropy.next_u64()))),
    ];
    let mut times = vec![vec![]; cases.len()];
    for round in 0..rounds {
        for at in 0..cases.len() {
            let at = (at + round) % cases.len();
            let begun = Instant::now();
            cases[at].1();
            times[at].push(begun.elapsed().as_secs_f64() * 1e9 / f64::from(TURNS));
        }
    }
    println!("{rounds} rounds, {TURNS} turns each, ns per turn");
    println!("{:<30} {:>8} {:>12}", "", "median", "above bare");
    for ((name, _), taken) in cases.iter().zip(&times) {
        let mut above: Vec<_> = taken.iter().zip(&times[0]).map(|(a, b)| a - b).collect();
        println!("{name:<30} {:>8.1} {:>12.1}", median(&mut taken.clone()), median(&mut above));
    }
}

fn polls<'a, F: Future + 'a>(mut future: Pin<&'a mut F>) -> Case<'a> {
    Box::new(move || {
        let mut cx = task::Context::from_waker(Waker::noop());
        turns(|| future.as_mut().poll(&mut cx).is_ready());
    })
}

fn turns<R>(mut f: impl FnMut() -> R) {
    for _ in 0..TURNS {
        black_box(f());
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
