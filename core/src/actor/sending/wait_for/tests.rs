//! The graph by itself.

use super::{Cycle, Node, NodeRef, Pending, Waiting};
use crate::sync::Arc;
use alloc::vec::Vec;

fn nodes<const N: usize>() -> [NodeRef; N] {
    core::array::from_fn(|_| Arc::new(Node::new()))
}

fn wait(who: &NodeRef, to: &NodeRef) -> Result<Waiting, Cycle> {
    Waiting::begin(who.clone(), to.clone(), Pending::Room)
}

#[test]
fn a_circle_of_any_length_is_refused_and_a_path_is_not() {
    let [me] = nodes();
    assert!(wait(&me, &me).is_err());
    let ring: [NodeRef; 100] = nodes();
    let path: Vec<Waiting> =
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
    assert_eq!((a.degree(), b.degree()), (1, 0));
    drop(ab);
    assert_eq!(a.degree(), 0);
    assert_eq!(Arc::strong_count(&b), 1);
}

#[test]
fn every_one_of_several_waits_counts_until_it_is_over() {
    for gone in 0..4 {
        let [me, b, c, d, e] = nodes();
        let others = [b, c, d, e];
        let mut waits: Vec<Option<Waiting>> =
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
    a.add(b.clone(), Pending::Room).unwrap();
    b.add(a.clone(), Pending::Room).unwrap();
    assert!(wait(&me, &a).is_err());
    let (from_a, from_b) = (a.target(0), b.target(0));
    assert!(from_a.is_some() && from_b.is_some());
    a.remove(0);
    b.remove(0);
}

#[test]
fn a_long_path_is_followed_and_a_longer_one_refused() {
    for (length, refused) in [(4000, false), (5000, true)] {
        let path: Vec<NodeRef> = (0..length).map(|_| Arc::new(Node::new())).collect();
        // Without a look at each step.
        let _waits: Vec<Waiting> = path
            .windows(2)
            .map(|pair| {
                let id = pair[0].add(pair[1].clone(), Pending::Room).unwrap();
                Waiting { who: pair[0].clone(), id }
            })
            .collect();
        let [me] = nodes();
        assert_eq!(wait(&me, &path[0]).is_err(), refused);
    }
}
