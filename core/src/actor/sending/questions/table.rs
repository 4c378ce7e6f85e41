//! The open questions of one mailbox.

use crate::{
    actor::inbox::Inbox,
    sync::{Arc, Lock},
};
use alloc::vec::Vec;
use core::{
    mem::{replace, take},
    num::NonZeroU64,
    task::Waker,
};

/// The open questions of one mailbox; memory follows their number.
pub(crate) struct Questions(Lock<Table>);

impl<M> Inbox<M> {
    pub(in crate::actor) fn questions(&self) -> Arc<Questions> {
        self.seldom().questions()
    }
}

struct Table {
    entries: Vec<Entry>,
    /// The first entry that is not in use, each of which names the next one.
    unused: usize,
    open: usize,
    /// The number of the last question.
    last: u64,
    /// The most that were open at once since none was.
    most: usize,
    /// How often in a row they were few for the room there is, when the last one was closed.
    few: u8,
}

struct Entry {
    /// Of the open question; 0 if none is.
    number: u64,
    place: *const (),
    asker: Option<Waker>,
    next_unused: usize,
}

// SAFETY: the place is touched only as Q3 and Q4 allow.
unsafe impl Send for Entry {}

/// Which entry belongs to a question.
#[derive(Clone, Copy)]
pub(super) struct At {
    index: usize,
    number: NonZeroU64,
}

/// What was in an entry that is closed now.
pub(super) struct Closed {
    pub(super) place: *const (),
    pub(super) asker: Option<Waker>,
    /// Room that is no longer wanted, to be freed without the lock.
    _room: Vec<Entry>,
}

/// Whether a question is open can be asked of this.
#[derive(Clone)]
pub(crate) struct Ticket {
    questions: Arc<Questions>,
    at: At,
}

const NOWHERE: usize = usize::MAX;
const SMALLEST: usize = 4;
/// Room for so many stays for good.
const KEPT: usize = 32;
/// After so many times in a row with few questions the room is given up.
const PATIENCE: u8 = 4;

impl Questions {
    pub(crate) fn new() -> Self {
        Self(Lock::new(Table {
            entries: Vec::new(),
            unused: NOWHERE,
            open: 0,
            last: 0,
            most: 0,
            few: 0,
        }))
    }

    /// Opens an entry for a question whose answer goes to `place`.
    pub(super) fn open(&self, place: *const ()) -> At {
        let mut room = Vec::new(); // made, and what it replaced freed, without the lock (K4)
        loop {
            let opened = self.0.with(|table| {
                table.move_to(&mut room);
                table.open(place)
            });
            match opened {
                Ok(at) => return at,
                Err(wanted) => room = Vec::with_capacity(wanted),
            }
        }
    }

    /// Closes the entry, if it is open, and runs `first` on its place in the same critical section.
    pub(super) fn close(&self, at: At, first: impl FnOnce(*const ())) -> Option<Closed> {
        self.0.with(|table| {
            let closed = table.close(at)?;
            first(closed.place);
            Some(closed)
        })
    }

    /// Whether the entry is open; then `waker` is the one to be woken when it is closed.
    pub(super) fn park(&self, at: At, waker: &Waker) -> bool {
        let known = self.0.with(|table| {
            let entry = table.get(at)?;
            Some(entry.asker.as_ref().is_some_and(|known| known.will_wake(waker)))
        });
        match known {
            None => false,
            Some(true) => true,
            Some(false) => {
                let mut asker = Some(waker.clone());
                // What is left in `asker`, be it refused or replaced, is dropped without the lock.
                self.0.with(|table| {
                    let entry = table.get(at);
                    let open = entry.is_some();
                    entry.into_iter().for_each(|entry| {
                        asker = replace(&mut entry.asker, asker.take());
                    });
                    open
                })
            }
        }
    }
}

impl Table {
    fn get(&mut self, at: At) -> Option<&mut Entry> {
        self.entries.get_mut(at.index).filter(|entry| entry.number == at.number.get())
    }

    /// Moves to `room` if that is more than there is, and leaves the old room there.
    fn move_to(&mut self, room: &mut Vec<Entry>) {
        if room.capacity() > self.entries.capacity() {
            room.append(&mut self.entries);
            core::mem::swap(room, &mut self.entries);
        }
    }

    /// Opens an entry, or says for how many there has to be room.
    fn open(&mut self, place: *const ()) -> Result<At, usize> {
        let number = NonZeroU64::MIN.saturating_add(self.last);
        let entry = Entry { number: number.get(), place, asker: None, next_unused: NOWHERE };
        let index = if let Some(unused) = self.entries.get_mut(self.unused) {
            let index = self.unused;
            self.unused = replace(unused, entry).next_unused;
            index
        } else if self.entries.len() < self.entries.capacity() {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            return Err(self.entries.len().saturating_mul(2).max(SMALLEST));
        };
        self.last = number.get();
        self.open += 1;
        self.most = self.most.max(self.open);
        Ok(At { index, number })
    }

    fn close(&mut self, at: At) -> Option<Closed> {
        let next_unused = self.unused;
        let entry = self.get(at)?;
        entry.number = 0;
        entry.next_unused = next_unused;
        let (place, asker) = (entry.place, entry.asker.take());
        self.unused = at.index;
        self.open -= 1;
        let room = if self.open == 0 { self.emptied() } else { Vec::new() };
        Some(Closed { place, asker, _room: room })
    }

    /// The last question was closed; gives the room, if it was too large for some time.
    fn emptied(&mut self) -> Vec<Entry> {
        let few = take(&mut self.most) <= self.entries.capacity() / 4;
        self.few = if few && self.entries.capacity() > KEPT { self.few + 1 } else { 0 };
        if self.few < PATIENCE {
            return Vec::new();
        }
        self.few = 0;
        self.unused = NOWHERE;
        take(&mut self.entries)
    }
}

impl Ticket {
    pub(super) const fn new(questions: Arc<Questions>, at: At) -> Self {
        Self { questions, at }
    }

    /// Whether nobody has closed the question yet.
    pub(crate) fn is_open(&self) -> bool {
        self.questions.0.with(|table| table.get(self.at).is_some())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use core::ptr::null;

    fn room(questions: &Questions) -> usize {
        questions.0.with(|table| table.entries.capacity())
    }

    fn burst(questions: &Questions, count: usize) {
        let open: Vec<At> = (0..count).map(|_| questions.open(null())).collect();
        open.into_iter().for_each(|at| assert!(questions.close(at, |_| ()).is_some()));
    }

    #[test]
    fn a_closed_entry_is_used_again_under_another_number() {
        let questions = Questions::new();
        let first = questions.open(null());
        assert!(questions.close(first, |_| ()).is_some());
        let second = questions.open(null());
        assert_eq!(first.index, second.index);
        assert!(questions.close(first, |_| panic!("not this one")).is_none());
        assert!(!questions.park(first, Waker::noop()) && questions.park(second, Waker::noop()));
    }

    #[test]
    fn room_follows_the_open_questions() {
        let questions = Questions::new();
        assert_eq!(room(&questions), 0);
        burst(&questions, 1);
        assert_eq!(room(&questions), SMALLEST);
        burst(&questions, 100);
        assert_eq!(room(&questions), 128);
        (1..PATIENCE).for_each(|_| burst(&questions, 1));
        assert_eq!(room(&questions), 128);
        burst(&questions, 128); // one burst begins the count anew
        (1..PATIENCE).for_each(|_| burst(&questions, 32));
        assert_eq!(room(&questions), 128);
        burst(&questions, 32);
        assert_eq!(room(&questions), 0);
        burst(&questions, 1);
        assert_eq!(room(&questions), SMALLEST);
    }

    #[test]
    fn a_stale_number_means_nothing_after_the_room_was_given_up() {
        let questions = Questions::new();
        burst(&questions, KEPT + 1);
        let stale = questions.open(null());
        assert!(questions.close(stale, |_| ()).is_some());
        (1..PATIENCE).for_each(|_| burst(&questions, 1));
        assert_eq!(room(&questions), 0);
        let open = questions.open(null());
        assert!(!questions.park(stale, Waker::noop()) && questions.park(open, Waker::noop()));
    }
}
