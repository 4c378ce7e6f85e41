//! The two-lock ring: a lock per side, a flag per slot, waiters in the futures.
//!
//! Invariants, cited by number:
//!
//! - **R1** `put` counts messages ever put and is written only under the producers' lock; `taken`
//!   counts messages ever taken and is written only under the consumers' lock.
//! - **R2** `put` and `taken` are stored *before* the slot's flag, so whoever sees the flag sees the
//!   count. Each is exact under its own side's lock; the other side's may be stale, which errs towards
//!   looking again, never towards sleeping.
//! - **R3** A slot's value is initialised exactly while its flag is up. The holder of the producers'
//!   lock may fill the slot at `put` while the flag is down, the holder of the consumers' lock may
//!   empty the slot at `taken` while it is up; nobody else touches a value. While `peeked` is set,
//!   the value of the slot at `taken` is with the one who peeks: the flag says so, and nobody
//!   empties the slot or drops what is left in it.
//! - **R4** The grown buffer is replaced only under both locks, taken in the order consumers,
//!   producers; so under either one it stays.
//! - **R5** `shut` is set under the producers' lock before `closed` is set under the consumers'.
//!   Nothing is put after `shut`.
//! - **R6** `reserved` counts permits, is written only under the producers' lock, and `put - taken +
//!   reserved` never exceeds the bound. A permit that becomes a message is taken off before `put` goes
//!   up, so whoever reads `put` and then `reserved` never counts it twice.
//! - **R7** What a waiting sender lends is the cell with its message, `UnsafeCell<Option<T>>`, or null.

mod close;
mod gate;
#[cfg(feature = "alloc")]
mod grow;
#[cfg(not(feature = "alloc"))]
#[path = "grow_none.rs"]
mod grow;
#[cfg(all(test, loom))]
mod loom_tests;
mod many;
mod peek;
mod permit;
mod pull;
mod put;
mod sending;
mod slot;
mod spin;
mod take;
mod taking;

pub(crate) use gate::Gate;
pub(crate) use grow::{Grown, nothing};
pub(crate) use peek::Peeked;
pub(crate) use put::PutError;
pub(crate) use sending::Put;
pub(crate) use slot::Slot;
pub(crate) use taking::Take;

use crate::{
    sync::{
        ACQUIRE, AtomicBool, AtomicUsize, CachePadded, Compact, Exclusive, LocalLock, Lock, Mark,
        Maybe, Ordering, Present, Shared, Sharing, Spin, Uncounted, UnsafeCell, const_fn,
    },
    wait::List,
};
use core::{borrow::Borrow, fmt, num::NonZeroUsize};

/// The shared part of a channel; `B` is where its inline slots are, erased to a slice.
///
/// A list of waiting tasks lies with the side that wakes it: senders pop waiting receivers under
/// the lock they hold anyway, and the other way round. So an uncontended operation takes one lock.
pub(crate) struct Ring<T, B: ?Sized = [Slot<T>], M: Sharing = Shared> {
    producers: M::Side<Producers<M>>,
    consumers: M::Side<Consumers<M>>,
    bound: grow::Bound,
    /// How receivers fetch the messages of waiting senders, if they do. A pointer, so that a program
    /// whose channels do not pull is linked without it.
    pull: Option<pull::Pull<T, M>>,
    grown: UnsafeCell<Grown<T>>,
    inline: B,
}

// SAFETY: messages move between threads as through a lock (R3); the grown buffer is replaced only
// under both locks and read under one (R4).
unsafe impl<T: Send, B: ?Sized + Sync> Sync for Ring<T, B, Shared> {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl<T: Send, B: ?Sized + Send> Send for Ring<T, B, Shared> {}
// SAFETY: as for `Shared`, from which it differs in where its parts lie.
unsafe impl<T: Send, B: ?Sized + Sync> Sync for Ring<T, B, Compact> {}
// SAFETY: as above.
unsafe impl<T: Send, B: ?Sized + Send> Send for Ring<T, B, Compact> {}

struct Producers<M: Sharing> {
    lock: M::Lock<PutSide<M>>,
    put: AtomicUsize,
    reserved: AtomicUsize,
    shut: AtomicBool,
    /// The thread that woke a receiver last, and what `put` was then.
    woke: Mark,
    /// What senders learnt who waited.
    learnt: Spin,
}

// In this order: the index lies on the first of the side's two lines; the lock, and the count that the
// other side reads, on the second. On one line with them it would wait for that to come back, and the
// slot's line would be asked for only then.
#[repr(C)]
pub(crate) struct PutSide<M: Sharing> {
    /// How full the ring was of late.
    use_of_late: grow::Use,
    /// Where the next message goes.
    index: usize,
    waiting_receivers: List,
    ends: M::IfCounted<Ends>,
}

struct Consumers<M: Sharing> {
    lock: M::Lock<TakeSide>,
    taken: AtomicUsize,
    peeked: AtomicBool,
    /// Whether a sender waits with its message; kept up only without slots.
    offered: AtomicBool,
    gate: gate::Gate,
    /// The thread that woke a sender last, and what `taken` was then.
    woke: Mark,
    /// What receivers learnt who waited.
    learnt: Spin,
}

pub(crate) struct TakeSide {
    /// Where the next message comes from; nowhere while somebody looks at it.
    index: usize,
    /// `index` as it was before somebody began to look at the message there.
    peeked: Option<PeekedAt>,
    closed: bool,
    waiting_senders: List,
}

/// The handles, and who waits until the channel is closed.
pub(crate) struct Ends {
    senders: usize,
    receivers: usize,
    waiting_for_close: List,
}

impl Ends {
    const fn new() -> Self {
        Self { senders: 0, receivers: 0, waiting_for_close: List::new() }
    }
}

/// The index of a slot plus one: so none of it takes no room of its own.
#[derive(Clone, Copy)]
struct PeekedAt(NonZeroUsize);

impl PeekedAt {
    const fn new(index: usize) -> Self {
        Self(NonZeroUsize::MIN.saturating_add(index))
    }

    const fn index(self) -> usize {
        self.0.get() - 1
    }
}

impl<M: Sharing> PutSide<M> {
    const fn new(ends: M::IfCounted<Ends>) -> Self {
        Self { use_of_late: grow::Use::new(), index: 0, waiting_receivers: List::new(), ends }
    }
}

/// What a channel has whose handles are counted; no other one has handles.
///
/// # Panics
///
/// For a mailbox, whose references count themselves.
fn counted<M: Sharing>(side: &mut PutSide<M>) -> &mut Ends {
    side.ends.get_mut().expect("a channel with handles counts them")
}

impl TakeSide {
    const fn new() -> Self {
        Self { index: 0, peeked: None, closed: false, waiting_senders: List::new() }
    }

    /// An index without a slot: so whoever takes a message sees at no cost that he must not.
    const NOWHERE: usize = usize::MAX;

    fn begin_peek(&mut self) {
        self.peeked = Some(PeekedAt::new(core::mem::replace(&mut self.index, Self::NOWHERE)));
    }

    fn end_peek(&mut self) {
        if let Some(at) = self.peeked.take() {
            self.index = at.index();
        }
    }
}

impl<M: Sharing> Producers<M> {
    const_fn! {
        const fn new(lock: M::Lock<PutSide<M>>) -> Self {
            Self {
                lock,
                put: AtomicUsize::new(0),
                reserved: AtomicUsize::new(0),
                shut: AtomicBool::new(false),
                woke: Mark::new(),
                learnt: Spin::new(),
            }
        }
    }
}

impl<M: Sharing> Consumers<M> {
    const_fn! {
        const fn new(lock: M::Lock<TakeSide>) -> Self {
            Self {
                lock,
                taken: AtomicUsize::new(0),
                peeked: AtomicBool::new(false),
                offered: AtomicBool::new(false),
                gate: gate::Gate::new(),
                woke: Mark::new(),
                learnt: Spin::new(),
            }
        }
    }
}

impl<T, B> Ring<T, B, Shared> {
    const_fn! {
        pub(crate) const fn new(bound: usize, inline: B, grown: Grown<T>) -> Self {
            let producers = CachePadded(Producers::new(Lock::new(PutSide::new(Present::new(Ends::new())))));
            let consumers = CachePadded(Consumers::new(Lock::new(TakeSide::new())));
            Self::of(producers, consumers, bound, inline, grown)
        }
    }
}

impl<T, B> Ring<T, B, Compact> {
    const_fn! {
        pub(crate) const fn new_compact(bound: usize, inline: B, grown: Grown<T>) -> Self {
            let ends = Uncounted::new(Ends::new());
            let producers = Producers::new(Lock::new(PutSide::new(ends)));
            let consumers = Consumers::new(Lock::new(TakeSide::new()));
            Self::of(producers, consumers, bound, inline, grown)
        }
    }
}

impl<T, B> Ring<T, B, crate::sync::Local> {
    const_fn! {
        pub(crate) const fn new_local(bound: usize, inline: B, grown: Grown<T>) -> Self {
            let ends = Present::new(Ends::new());
            let producers = Producers::new(LocalLock::new(PutSide::new(ends)));
            let consumers = Consumers::new(LocalLock::new(TakeSide::new()));
            Self::of(producers, consumers, bound, inline, grown)
        }
    }
}

impl<T, B: ?Sized, M: Sharing> Ring<T, B, M> {
    #[inline(always)]
    fn producers(&self) -> &Producers<M> {
        self.producers.borrow()
    }

    #[inline(always)]
    fn consumers(&self) -> &Consumers<M> {
        self.consumers.borrow()
    }
}

impl<T, B, M: Sharing> Ring<T, B, M> {
    const_fn! {
        const fn of(
            producers: M::Side<Producers<M>>,
            consumers: M::Side<Consumers<M>>,
            bound: usize,
            inline: B,
            grown: Grown<T>,
        ) -> Self {
            let bound = grow::Bound::new(bound);
            let grown = UnsafeCell::new(grown);
            Self { producers, consumers, bound, pull: None, grown, inline }
        }
    }

    const_fn! {
        /// The same ring, whose receivers fetch the messages of waiting senders.
        pub(crate) const fn pulling(mut self) -> Self {
            self.pull = Some(Ring::<T, [Slot<T>], M>::pull);
            self
        }
    }
}

impl<T, M: Sharing> Ring<T, [Slot<T>], M> {
    /// # Safety
    ///
    /// One of the two locks is held as long as the slots are used.
    #[inline]
    unsafe fn slots(&self) -> &[Slot<T>] {
        if self.inline.is_empty() {
            // SAFETY: not replaced while one of the locks is held (R4).
            self.grown.with(|grown| unsafe { &*grown })
        } else {
            &self.inline
        }
    }

    pub(crate) const fn pulls(&self) -> bool {
        self.pull.is_some()
    }

    pub(crate) const fn is_rendezvous(&self) -> bool {
        grow::WITHOUT_SLOTS && self.capacity() == 0
    }

    #[inline]
    pub(crate) const fn capacity(&self) -> usize {
        self.bound.get(self.inline.len())
    }

    /// How many messages wait; exact when nobody sends or receives at the same time.
    pub(crate) fn len(&self) -> usize {
        let taken = self.consumers().taken.load(Ordering::Acquire);
        let put = self.producers().put.load(Ordering::Acquire);
        put.wrapping_sub(taken).min(self.capacity())
    }

    /// How many messages were ever taken, modulo the word.
    pub(crate) fn taken(&self) -> usize {
        self.consumers().taken.load(Ordering::Relaxed)
    }

    /// How many messages the memory in use has room for.
    pub(crate) fn allocated(&self) -> usize {
        // SAFETY: the producers' lock is held.
        self.producers().lock.with(|_| unsafe { self.slots().len() })
    }

    /// The list in which receivers wait, and whether there is something for them.
    pub(crate) fn with_waiting_receivers<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        let (result, shrink) = self.producers().lock.with(|side| {
            let put = self.producers().put.load(Ordering::Relaxed);
            let some = put != self.consumers().taken.load(ACQUIRE);
            let offered = self.consumers().offered.load(ACQUIRE);
            let ready = !self.is_peeked() && (self.is_closed() || some || offered);
            let result = f(&mut side.waiting_receivers, ready);
            // SAFETY: the producers' lock is held (R4).
            let room = self.grown.with(|grown| unsafe { (*grown).len() });
            (result, if some { None } else { side.use_of_late.emptied(put, room) })
        });
        if let Some((from, to)) = shrink {
            grow::resize(self, from, to);
        }
        result
    }

    /// The list in which senders wait, and whether there is room for them.
    pub(crate) fn with_waiting_senders<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        let result = self.consumers().lock.with(|side| {
            // In this order, see R6.
            let put = self.producers().put.load(ACQUIRE);
            let reserved = self.producers().reserved.load(ACQUIRE);
            let taken = self.consumers().taken.load(Ordering::Relaxed);
            let ready = side.closed || put.wrapping_sub(taken) + reserved < self.capacity();
            let result = f(&mut side.waiting_senders, ready);
            self.offer(side);
            result
        });
        if self.is_rendezvous() {
            self.show_offer();
        }
        result
    }

    /// The list of those who wait for the channel to close, and whether it has.
    pub(crate) fn with_waiting_for_close<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.producers().lock.with(|side| f(&mut counted(side).waiting_for_close, self.is_closed()))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.producers().shut.load(ACQUIRE)
    }

    pub(crate) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
