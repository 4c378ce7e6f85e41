//! A member's place in the pool, which outlives its incarnations and replacements.

use crate::{
    actor::ActorRef,
    supervise::ChildId,
    sync::{AtomicBool, AtomicUsize, Ordering},
};

/// What a member, its keeper and those who send know of one place.
pub(super) struct Seat<M: 'static> {
    pub(super) id: ChildId,
    pub(super) number: usize,
    pub(super) actor: ActorRef<M>,
    /// Whether `started` has returned without an error.
    pub(super) started: AtomicBool,
    /// Whether a message is in hand.
    pub(super) handling: AtomicBool,
    /// Whether it has been asked to leave the pool.
    pub(super) leaving: AtomicBool,
    /// How often its member was restarted, since it was replaced.
    pub(super) restarts: AtomicUsize,
}

/// What a member of a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberState {
    /// Its incarnation has not started yet.
    Starting,
    /// It waits for messages.
    Idle,
    /// It handles a message.
    Busy,
    /// It finishes what it has, and ends.
    Leaving,
}

/// A member of a pool, as it was when it was asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemberInfo<M: 'static> {
    /// The name of the pool, and the member's number in it.
    pub id: ChildId,
    /// What it is doing.
    pub state: MemberState,
    /// How often it was restarted; a member that replaced another one counts from 0.
    pub restarts: usize,
    /// How many messages wait in its own mailbox.
    pub depth: usize,
    /// By which it can be killed, stopped or told something alone.
    pub actor: ActorRef<M>,
}

impl<M> Seat<M> {
    pub(super) fn new(number: usize, actor: ActorRef<M>) -> Self {
        Self {
            id: ChildId { name: actor.name(), index: Some(number) },
            number,
            actor,
            started: AtomicBool::new(false),
            handling: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            restarts: AtomicUsize::new(0),
        }
    }

    /// Whether it may be given messages.
    pub(super) fn is_open(&self) -> bool {
        !self.is_leaving() && !self.actor.is_closed()
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    /// How many messages it has to do with.
    pub(super) fn load(&self) -> usize {
        self.actor.len() + usize::from(self.handling.load(Ordering::Acquire))
    }

    pub(super) fn info(&self) -> MemberInfo<M> {
        let state = if !self.is_open() {
            MemberState::Leaving
        } else if !self.started.load(Ordering::Acquire) {
            MemberState::Starting
        } else if self.handling.load(Ordering::Acquire) {
            MemberState::Busy
        } else {
            MemberState::Idle
        };
        MemberInfo {
            id: self.id,
            state,
            restarts: self.restarts.load(Ordering::Relaxed),
            depth: self.actor.len(),
            actor: self.actor.clone(),
        }
    }
}
