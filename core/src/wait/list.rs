//! An intrusive first-in-first-out list of parked tasks; the nodes live in the waiting futures.

use super::Batch;
use crate::sync::{AtomicU8, Ordering, UnsafeCell, const_fn};
use core::{marker::PhantomPinned, mem::MaybeUninit, pin::Pin, ptr, task::Waker};

const IDLE: u8 = 0;
const LINKED: u8 = 1;
const WOKEN: u8 = 2;

/// A place in a queue of parked tasks, kept inside the future that waits.
pub(crate) struct Waiter {
    state: AtomicU8,
    // Its place in the order of arrival, from its first parking until it gets what it waits for.
    ticket: UnsafeCell<MaybeUninit<u32>>,
    // Left uninitialised until the future really parks: building it earlier costs more than a
    // whole uncontended operation.
    node: UnsafeCell<MaybeUninit<Node>>,
    _pinned: PhantomPinned,
}

struct Node {
    previous: *const Waiter,
    next: *const Waiter,
    waker: Waker,
    // What the waiting operation lends to who wakes it; null if nothing.
    loan: *const (),
}

// SAFETY: the node is reached only under its list's lock or by an owner that is alone with it
// (W1, W3); `Waker` is `Send + Sync`, and the links are followed only under the lock.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

impl Waiter {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                state: AtomicU8::new(IDLE),
                ticket: UnsafeCell::new(MaybeUninit::uninit()),
                node: UnsafeCell::new(MaybeUninit::uninit()),
                _pinned: PhantomPinned,
            }
        }
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.state.load(Ordering::Acquire) == LINKED
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.state.load(Ordering::Acquire) == WOKEN
    }

    /// Forgets an earlier wake; the owner calls it when it is not linked.
    pub(crate) fn reset(&self) {
        debug_assert!(!self.is_linked());
        self.state.store(IDLE, Ordering::Relaxed);
    }

    /// # Safety
    ///
    /// The list's lock is held, and the waiter is linked or the caller its owner.
    unsafe fn ticket(&self) -> u32 {
        // SAFETY: written before the waiter was first linked, only by the owner while not linked,
        // and read under the lock (W1).
        self.ticket.with(|ticket| unsafe { (*ticket).assume_init() })
    }

    /// # Safety
    ///
    /// The waiter is linked and the list's lock is held.
    unsafe fn with_node<R>(&self, f: impl FnOnce(&mut Node) -> R) -> R {
        // SAFETY: initialised and ours to touch, by the caller's promise and W1.
        self.node.with_mut(|node| f(unsafe { (*node).assume_init_mut() }))
    }

    /// Takes the waker out of a node that has left the list.
    ///
    /// # Safety
    ///
    /// The waiter's node is initialised, out of the list, and the list's lock is held. Afterwards
    /// the node counts as uninitialised.
    unsafe fn take_waker(&self) -> Waker {
        // SAFETY: initialised by the caller's promise; read once, since it then counts as not.
        self.node.with_mut(|node| unsafe { (*node).assume_init_read().waker })
    }
}

/// A queue of parked tasks, by their tickets; it lies inside the lock that guards it.
///
/// A circle: the one before the head is the last one, so a list takes a word less.
pub(crate) struct List {
    head: *const Waiter,
    next_ticket: u32,
}

// SAFETY: the waiters it points to are `Sync` and stay valid while linked (W2).
unsafe impl Send for List {}

impl List {
    pub(crate) const fn new() -> Self {
        Self { head: ptr::null(), next_ticket: 0 }
    }

    /// Links `waiter`: where it was if it was woken in vain, else at the back.
    ///
    /// What `loan` points to belongs to the holder of the lock for as long as the waiter is linked.
    ///
    /// # Safety
    ///
    /// The waiter is not linked, its owner calls this, and will not free it before it has been
    /// unlinked from this very list.
    pub(crate) unsafe fn link(&mut self, waiter: Pin<&Waiter>, waker: Waker, loan: *const ()) {
        let this: *const Waiter = &raw const *waiter;
        let woken = waiter.is_woken();
        if !woken {
            let ticket = self.next_ticket;
            self.next_ticket = ticket.wrapping_add(1);
            // SAFETY: not linked, so the owner is alone with it (W3).
            waiter.ticket.with_mut(|place| unsafe { (*place).write(ticket) });
        }
        let (mut previous, mut next) = (this, this);
        if self.head.is_null() {
            self.head = this;
        } else {
            next = self.head;
            if woken {
                // SAFETY: somebody is in the list, and the caller is the owner.
                next = unsafe { self.place_of(waiter) };
            }
            // SAFETY: a linked waiter is alive (W2); `&mut self` shows that the lock is held.
            previous =
                unsafe { (*next).with_node(|node| core::mem::replace(&mut node.previous, this)) };
            // SAFETY: a neighbour of a linked waiter is linked, thus alive (W1, W2).
            unsafe { (*previous).with_node(|node| node.next = this) };
        }
        waiter.node.with_mut(|node| {
            // SAFETY: not linked, so the owner is alone with the node (W3).
            unsafe { (*node).write(Node { previous, next, waker, loan }) };
        });
        waiter.state.store(LINKED, Ordering::Relaxed);
    }

    /// Before whom `waiter` belongs by its ticket; it becomes the head if it stands before all. Only
    /// others that were woken in vain can, so the walk is short.
    ///
    /// # Safety
    ///
    /// The list is not empty, and the owner of `waiter`, which is not linked, calls this.
    unsafe fn place_of(&mut self, waiter: Pin<&Waiter>) -> *const Waiter {
        // SAFETY: the caller is the owner.
        let ticket = unsafe { waiter.ticket() };
        let mut next = self.head;
        loop {
            // SAFETY: linked, thus alive (W2); `&mut self` shows that the lock is held.
            let (other, after) = unsafe { ((*next).ticket(), (*next).with_node(|node| node.next)) };
            if other.wrapping_sub(ticket).cast_signed() > 0 {
                if next == self.head {
                    self.head = &raw const *waiter;
                }
                return next;
            }
            next = after;
            if next == self.head {
                return next;
            }
        }
    }

    /// Unlinks the longest-waiting task and returns its waker, to be called without the lock.
    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<Waker> {
        if self.head.is_null() { None } else { self.pop_head() }
    }

    #[inline(never)]
    fn pop_head(&mut self) -> Option<Waker> {
        // SAFETY: a linked waiter is alive (W2).
        let waiter = unsafe { &*self.head };
        self.unlink(waiter);
        // SAFETY: it was linked, and `&mut self` shows that the lock is held.
        let waker = unsafe { waiter.take_waker() };
        waiter.state.store(WOKEN, Ordering::Release); // W3: nothing after this touches it
        Some(waker)
    }

    /// What the longest-waiting task lends; null if there is none, or it lends nothing.
    pub(crate) fn front_loan(&self) -> *const () {
        // SAFETY: a linked waiter is alive (W2).
        let Some(head) = (unsafe { self.head.as_ref() }) else { return ptr::null() };
        // SAFETY: linked, and `&self` shows that the lock is held.
        unsafe { head.with_node(|node| node.loan) }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// The order of arrival up to now, for [`pop_before`](Self::pop_before).
    pub(crate) const fn mark(&self) -> u32 {
        self.next_ticket
    }

    /// Unlinks into `batch` those who arrived before `mark`, the longest-waiting first, until it is
    /// full.
    ///
    /// Who wakes everybody calls it until there is nobody left, without the lock in between; the
    /// mark keeps it from chasing those who park anew meanwhile. Who was woken in vain parks before
    /// the mark again, so there must be something for everyone.
    pub(crate) fn pop_before(&mut self, mark: u32, batch: &mut Batch) {
        // SAFETY: a linked waiter is alive (W2), and `&mut self` shows that the lock is held.
        while let Some(ticket) = unsafe { self.head.as_ref().map(|waiter| waiter.ticket()) }
            && ticket.wrapping_sub(mark).cast_signed() < 0
            && batch.has_room()
        {
            self.pop_front().into_iter().for_each(|waker| batch.push(waker));
        }
    }

    /// Unlinks into `batch` up to `count` of the longest-waiting tasks, until it is full.
    pub(crate) fn pop_up_to(&mut self, count: usize, batch: &mut Batch) {
        while batch.len() < count && batch.has_room() {
            let Some(waker) = self.pop_front() else { break };
            batch.push(waker);
        }
    }

    /// Unlinks `waiter` and returns its waker, or `None` if it was woken before.
    ///
    /// # Safety
    ///
    /// The waiter was linked into this very list, and its owner calls this.
    pub(crate) unsafe fn remove(&mut self, waiter: Pin<&Waiter>) -> Option<Waker> {
        if !waiter.is_linked() {
            return None;
        }
        self.unlink(&waiter);
        // SAFETY: it was linked, and `&mut self` shows that the lock is held.
        let waker = unsafe { waiter.take_waker() };
        waiter.state.store(IDLE, Ordering::Relaxed);
        Some(waker)
    }

    /// Whether `waker` wakes the task that `waiter` would wake; `None` if it was woken before.
    ///
    /// # Safety
    ///
    /// The waiter was linked into this very list, and its owner calls this.
    pub(crate) unsafe fn is_woken_by(&self, waiter: Pin<&Waiter>, waker: &Waker) -> Option<bool> {
        // SAFETY: if linked, `&self` shows that the lock is held.
        waiter.is_linked().then(|| unsafe { waiter.with_node(|node| node.waker.will_wake(waker)) })
    }

    /// Replaces the waker of `waiter` by `waker`; gives back the one that is no longer needed,
    /// or `Err` if the waiter was woken before.
    ///
    /// # Safety
    ///
    /// The waiter was linked into this very list, and its owner calls this.
    pub(crate) unsafe fn replace_waker(
        &mut self,
        waiter: Pin<&Waiter>,
        waker: Waker,
    ) -> Result<Waker, Waker> {
        if !waiter.is_linked() {
            return Err(waker);
        }
        // SAFETY: linked, and `&mut self` shows that the lock is held.
        Ok(unsafe { waiter.with_node(|node| core::mem::replace(&mut node.waker, waker)) })
    }

    fn unlink(&mut self, waiter: &Waiter) {
        // SAFETY: callers pass linked waiters only; the lock is held.
        let (previous, next) = unsafe { waiter.with_node(|node| (node.previous, node.next)) };
        let this: *const Waiter = waiter;
        if next == this {
            self.head = ptr::null();
            return;
        }
        // SAFETY: neighbours of a linked waiter are linked, thus alive (W1, W2), and others than it.
        unsafe { (*previous).with_node(|node| node.next = next) };
        // SAFETY: as above; one after the other, for both may be the same.
        unsafe { (*next).with_node(|node| node.previous = previous) };
        if self.head == this {
            self.head = next;
        }
    }
}
