//! The graph by itself.

use super::{Cycle, Node, NodeRef, Pending, Waiting};
use crate::sync::Arc;
use alloc::{boxed::Box, vec::Vec};
use core::pin::Pin;

fn nodes<const N: usize>() -> [NodeRef; N] {
    core::array::from_fn(|_| Arc::new(Node::new()))
}

/// A wait that has not begun.
fn intend(who: &NodeRef, to: &NodeRef) -> Pin<Box<Waiting>> {
    Box::pin(Waiting::new(who.clone(), to.clone(), Pending::Room))
}

/// One that did not look.
fn begin_blindly(who: &NodeRef, to: &NodeRef) -> Pin<Box<Waiting>> {
    let mut waiting = intend(who, to);
    waiting.as_mut().link();
    waiting
}

fn wait(who: &NodeRef, to: &NodeRef) -> Result<Pin<Box<Waiting>>, Cycle> {
    let mut waiting = intend(who, to);
    waiting.as_mut().begin().map(|()| waiting)
}

fn degree(node: &Node) -> usize {
    node.targets().count()
}

#[test]
fn a_circle_of_any_length_is_refused_and_a_path_is_not() {
    let [me] = nodes();
    assert!(wait(&me, &me).is_err());
    let ring: [NodeRef; 100] = nodes();
    let path: Vec<Pin<Box<Waiting>>> =
        ring.windows(2).map(|pair| wait(&pair[0], &pair[1]).unwrap()).collect();
    assert!(wait(&ring[99], &ring[0]).is_err());
    assert!(wait(&ring[99], &ring[50]).is_err());
    drop(path);
    assert!(wait(&ring[99], &ring[0]).is_ok());
}

#[test]
fn a_refused_wait_leaves_no_edge() {
    let [a, b] = nodes();
    let ab = wait(&a, &b).unwrap();
    assert!(wait(&b, &a).is_err());
    assert_eq!((degree(&a), degree(&b)), (1, 0));
    drop(ab);
    assert_eq!(degree(&a), 0);
    assert_eq!(Arc::strong_count(&b), 1);
}

#[test]
fn every_one_of_several_waits_counts_until_it_is_over() {
    for gone in 0..4 {
        let [me, b, c, d, e] = nodes();
        let others = [b, c, d, e];
        let mut waits: Vec<Option<Pin<Box<Waiting>>>> =
            others.iter().map(|other| wait(&me, other).ok()).collect();
        assert!(others.iter().all(|other| wait(other, &me).is_err()));
        waits[gone] = None;
        for (at, other) in others.iter().enumerate() {
            assert_eq!(wait(other, &me).is_ok(), at == gone, "{at} after {gone}");
        }
    }
}

#[test]
fn two_waits_for_one_actor_are_two() {
    let [a, b] = nodes();
    let (first, second) = (wait(&a, &b).unwrap(), wait(&a, &b).unwrap());
    drop(first);
    assert!(wait(&b, &a).is_err());
    drop(second);
    assert!(wait(&b, &a).is_ok());
}

/// A circle among others must not keep a walk from ending.
#[test]
fn a_walk_ends_where_others_go_round() {
    let [a, b, me] = nodes();
    // As for a moment when two close one at the same time: both edges are there, none was refused yet.
    let both = (begin_blindly(&a, &b), begin_blindly(&b, &a));
    assert!(wait(&me, &a).is_err());
    assert_eq!((degree(&a), degree(&b)), (1, 1));
    drop(both);
    assert!(wait(&me, &a).is_ok());
}

#[test]
fn a_long_path_is_followed_and_a_longer_one_refused() {
    for (length, refused) in [(4000, false), (5000, true)] {
        let path: Vec<NodeRef> = (0..length).map(|_| Arc::new(Node::new())).collect();
        let _waits: Vec<Pin<Box<Waiting>>> =
            path.windows(2).map(|pair| begin_blindly(&pair[0], &pair[1])).collect();
        let [me] = nodes();
        assert_eq!(wait(&me, &path[0]).is_err(), refused);
    }
}

/// More than are read at a time, and gaps among them.
#[test]
fn of_many_waits_each_counts_while_it_lasts() {
    let [me] = nodes();
    let others: [NodeRef; 30] = nodes();
    let mut waits: Vec<_> = others.iter().map(|other| wait(&me, other).ok()).collect();
    for at in (0..others.len()).step_by(3) {
        waits[at] = None;
    }
    for (at, other) in others.iter().enumerate() {
        assert_eq!(wait(other, &me).is_ok(), at % 3 == 0, "{at}");
    }
    assert_eq!(degree(&me), 20);
    waits.clear();
    assert_eq!(degree(&me), 0);
}

/// Edges that go while others are read do not hide those that stay.
#[test]
fn what_goes_while_edges_are_read_hides_none() {
    let [me] = nodes();
    let others: [NodeRef; 30] = nodes();
    let mut waits: Vec<_> = others.iter().map(|other| wait(&me, other).ok()).collect();
    let mut targets = me.targets();
    let mut seen: Vec<NodeRef> = targets.next().into_iter().collect();
    for at in (0..others.len()).filter(|at| at % 5 != 0) {
        waits[at] = None;
    }
    let _later = wait(&me, &others[1]);
    seen.extend(targets);
    for other in others.iter().step_by(5) {
        assert_eq!(seen.iter().filter(|target| Arc::ptr_eq(target, other)).count(), 1);
    }
}
