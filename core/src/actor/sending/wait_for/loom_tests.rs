//! Every order of events between actors that begin to wait for each other.

use super::{Node, NodeRef, Pending, Waiting};
use crate::{
    actor::sending::questions::{Answer, Questions},
    sync::Arc,
};
use alloc::boxed::Box;
use core::pin::{Pin, pin};
use loom::thread;

fn nodes<const N: usize>() -> [NodeRef; N] {
    core::array::from_fn(|_| Arc::new(Node::new()))
}

fn wait(who: &NodeRef, to: &NodeRef) -> Option<Pin<Box<Waiting>>> {
    wait_for(who, to, Pending::Room)
}

fn wait_for(who: &NodeRef, to: &NodeRef, pending: Pending) -> Option<Pin<Box<Waiting>>> {
    let mut waiting = Box::pin(Waiting::new(who.clone(), to.clone(), pending));
    waiting.as_mut().begin().is_ok().then_some(waiting)
}

#[test]
fn loom_of_two_that_wait_for_each_other_one_is_refused() {
    loom::model(|| {
        let [a, b] = nodes();
        let (from, to) = (b.clone(), a.clone());
        let other = thread::spawn(move || wait(&from, &to));
        let mine = wait(&a, &b);
        let theirs = other.join().unwrap();
        assert!(mine.is_none() || theirs.is_none());
    });
}

#[test]
fn loom_of_three_in_a_circle_one_is_refused() {
    loom::model(|| {
        let ring: [NodeRef; 3] = nodes();
        let threads = [(1, 2), (2, 0)].map(|(from, to)| {
            let (from, to) = (ring[from].clone(), ring[to].clone());
            thread::spawn(move || wait(&from, &to))
        });
        let mine = wait(&ring[0], &ring[1]);
        let theirs = threads.map(|thread| thread.join().unwrap());
        assert!(mine.is_none() || theirs.iter().any(Option::is_none));
    });
}

/// Edges before and after it go while somebody walks, and it is not missed.
#[test]
fn loom_an_edge_is_seen_while_others_go() {
    loom::model(|| {
        let [me, x, y, z] = nodes();
        let waits = [&x, &y, &z].map(|other| wait(&me, other).unwrap());
        let [first, second, _third] = waits;
        let ends = thread::spawn(move || drop((first, second)));
        assert!(wait(&z, &me).is_none(), "it waits for this one all the time");
        ends.join().unwrap();
    });
}

/// Once a question is answered, its asker may be asked.
#[test]
fn loom_who_has_answered_may_ask() {
    loom::model(|| {
        let [asker, asked] = nodes();
        let mut answer = pin!(Answer::<u32>::new(Arc::new(Questions::new())));
        let (ticket, reply) = answer.as_mut().open();
        let (from, to) = (asked.clone(), asker.clone());
        let _waiting = wait_for(&asker, &asked, Pending::Answer(ticket)).unwrap();
        let answering = thread::spawn(move || {
            reply.send(7);
            assert!(wait(&from, &to).is_some());
        });
        answering.join().unwrap();
    });
}
