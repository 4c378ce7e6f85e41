//! Pools: which member is given a message, and what becomes of a member that fails or leaves.

use super::*;
use core::num::NonZeroUsize;
use klaw::{
    Actor, ActorPool, AskError, Ctx, Receiver, Reply, Sender, bounded,
    pool::{MemberInfo, MemberState, PoolClosed, Route},
};
use std::collections::{BTreeMap, BTreeSet};

enum Job {
    /// Answered with the number of the member.
    Who(Reply<usize>),
    /// Answers with the number of the member, then stays in its handler until it is let go.
    Hold(Reply<usize>, Receiver<()>),
    Double(u32, Reply<u32>),
    /// Tells the number of the member.
    Tell(Sender<usize>),
    Fail,
}

/// Knows its number.
struct Worker(usize);

impl Actor for Worker {
    type Msg = Job;
    type Error = &'static str;

    async fn handle(&mut self, job: Job, _: &mut Ctx<'_, Job>) -> Result<(), &'static str> {
        match job {
            Job::Who(reply) => reply.send(self.0),
            Job::Hold(reply, release) => {
                reply.send(self.0);
                release.recv().await.map_err(|_| "nobody will let go")?;
            }
            Job::Double(number, reply) => reply.send(number.checked_mul(2).ok_or("too large")?),
            Job::Tell(to) => to.send(self.0).await.map_err(|_| "nobody listens")?,
            Job::Fail => return Err("told to fail"),
        }
        Ok(())
    }
}

/// A pool with these calls of its builder.
macro_rules! pool_of {
    ($rt:ident, $members:expr $(, $($with:tt)*)?) => {
        $rt.spawn_pool($members, |member| {
            let worker = Worker(member.number());
            member.serve(worker)
        })
        .name("workers")
        $($($with)*)?
        .start()
        .unwrap()
    };
}

/// Waits for what others are about to do.
async fn until(done: impl Fn() -> bool) {
    while !done() {
        witness::yield_a_little().await;
    }
}

/// Waits until every member has nothing to do.
async fn all_idle(pool: &ActorPool<Job>) {
    let idle = |member: &MemberInfo<Job>| member.state == MemberState::Idle;
    until(|| pool.members().iter().all(idle)).await;
}

/// Holds a member in its handler; its number, and what lets it go.
async fn hold(pool: &ActorPool<Job>) -> (usize, Sender<()>) {
    let (release, held) = bounded(1);
    let number = pool.ask(|reply| Job::Hold(reply, held)).await.unwrap();
    (number, release)
}

#[test]
fn with_a_shared_queue_nothing_waits_behind_a_long_message() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 2);
        all_idle(&pool).await;
        let (held, release) = hold(&pool).await;
        for _ in 0..10 {
            assert_ne!(pool.ask(Job::Who).await, Ok(held));
        }
        release.send(()).await.unwrap();
        pool.stop().await;
        assert_eq!(pool.ask(Job::Who).await, Err(AskError::Closed));
    });
}

#[test]
fn round_robin_gives_to_one_after_the_other() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 3, .route(Route::RoundRobin));
        let mut counts = BTreeMap::new();
        for _ in 0..12 {
            *counts.entry(pool.ask(Job::Who).await.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(counts, BTreeMap::from([(0, 4), (1, 4), (2, 4)]));
        pool.stop().await;
    });
}

#[test]
fn the_least_loaded_is_given_the_next_message() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 3, .route(Route::LeastLoaded));
        all_idle(&pool).await;
        let (first, let_first_go) = hold(&pool).await;
        let (second, let_second_go) = hold(&pool).await;
        let idle = 3 - first - second;
        assert_ne!(first, second);
        for _ in 0..6 {
            assert_eq!(pool.ask(Job::Who).await, Ok(idle));
            // The answer may be here while the question is still in hand; then each has one.
            until(|| pool.members()[idle].state == MemberState::Idle).await;
        }
        let_first_go.send(()).await.unwrap();
        let_second_go.send(()).await.unwrap();
        pool.stop().await;
    });
}

#[test]
fn a_key_stays_with_its_member() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 4);
        let mut owners = BTreeMap::new();
        for _ in 0..2 {
            for key in 0..20 {
                let owner = pool.ask_by(&key, Job::Who).await.unwrap();
                assert_eq!(*owners.entry(key).or_insert(owner), owner);
            }
        }
        assert!(owners.values().collect::<BTreeSet<_>>().len() > 1, "{owners:?}");
        pool.stop().await;
    });
}

#[test]
fn the_answers_of_a_map_are_in_the_order_of_its_items() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 3, .max_restarts(1));
        let doubled = pool.map([1, 2, u32::MAX, 4, 5], Job::Double).collect().await;
        assert_eq!(doubled, [Ok(2), Ok(4), Err(AskError::NoReply), Ok(8), Ok(10)]);
        let one = NonZeroUsize::MIN;
        let doubled = pool.map(0..50, Job::Double).in_flight(one).collect().await;
        assert!(doubled.into_iter().eq((0..50).map(|number| Ok(2 * number))));
        pool.stop().await;
    });
}

#[test]
fn everybody_in_a_pool_is_told() {
    run(async |rt: Rt| {
        let (pool, (tell, told)) = (pool_of!(rt, 3), bounded(3));
        assert_eq!(pool.broadcast(|| Job::Tell(tell.clone())).await, Ok(3));
        let mut members = BTreeSet::new();
        for _ in 0..3 {
            members.insert(told.recv().await.unwrap());
        }
        assert_eq!(members, BTreeSet::from([0, 1, 2]));
        pool.stop().await;
        assert_eq!(pool.broadcast(|| Job::Fail).await, Err(PoolClosed));
    });
}

#[test]
fn a_pool_grows_and_shrinks_while_it_works() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 1);
        let (held, release) = hold(&pool).await;
        pool.resize(3).unwrap();
        until(|| pool.len() == 3).await;
        for (number, member) in pool.members().iter().enumerate().skip(1) {
            assert_eq!(member.actor.ask(Job::Who).await, Ok(number));
        }
        assert_ne!(pool.ask(Job::Who).await, Ok(held));
        release.send(()).await.unwrap();
        pool.resize(1).unwrap();
        until(|| pool.members().len() == 1).await;
        let left = pool.members()[0].actor.ask(Job::Who).await.unwrap();
        for _ in 0..4 {
            assert_eq!(pool.ask(Job::Who).await, Ok(left));
        }
        pool.stop().await;
    });
}

#[test]
fn a_member_that_spent_its_budget_is_replaced_and_its_place_kept() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 2, .max_restarts(0).max_replacements(3));
        all_idle(&pool).await;
        let place = pool.members()[0].actor.clone();
        for _ in 0..3 {
            place.tell(Job::Fail).await.unwrap();
            assert_eq!(place.ask(Job::Who).await, Ok(0), "who took the place answers");
        }
        assert_eq!((place.incarnations(), pool.len()), (4, 2));
        pool.stop().await;
    });
}

#[test]
fn a_pool_without_members_fails_at_once() {
    run(async |rt: Rt| {
        let pool = pool_of!(rt, 1, .max_restarts(0).max_replacements(0));
        let (_, release) = hold(&pool).await;
        let asking = pool.clone();
        let waiting = rt.submit(async move { asking.ask(Job::Who).await }).unwrap();
        until(|| pool.waiting() == 1).await;
        drop(release); // the handler fails, and so does its only member
        assert_eq!(waiting.await.unwrap(), Err(AskError::NoReply));
        pool.closed().await;
        assert!(pool.is_closed() && pool.is_empty());
        assert_eq!(pool.resize(2), Err(PoolClosed));
        assert_eq!(pool.ask(Job::Who).await, Err(AskError::Closed));
    });
}
