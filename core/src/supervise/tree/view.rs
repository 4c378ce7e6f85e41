//! What others see of a supervisor's children while it runs.
//!
//! A row for each child, written by the supervisor where it decides, read by whoever looks on: the
//! lock is held for one row at a time. A supervisor that nobody can look at has no rows.

use super::{
    info::{ChildKind, ChildState, MailboxDepth},
    text::Text,
};
use crate::supervise::{
    children::child::AnyChild, children::set::ChildSet, events::event::ChildId, run::Supervise,
};
use crate::{
    sync::{Arc, AtomicBool, Lock, Ordering},
    time::{Clock, Instant},
    wait::WakerCell,
};
use alloc::vec::Vec;
use core::{fmt, mem, pin::Pin, task::Context};

/// What others see of a supervisor's children, if anybody can look.
#[derive(Clone, Default)]
pub(crate) struct View(Option<Arc<Board>>);

struct Board {
    rows: Lock<Vec<Row>>,
    /// Somebody looked: what is in the mailboxes is to be counted again.
    looked: AtomicBool,
    supervisor: WakerCell,
}

/// What is seen of one child.
#[derive(Clone)]
pub(in crate::supervise) struct Row {
    pub(in crate::supervise) child: ChildId,
    pub(in crate::supervise) kind: ChildKind,
    pub(in crate::supervise) state: ChildState,
    pub(in crate::supervise) incarnations: usize,
    /// When the last of them started.
    pub(in crate::supervise) started: Instant,
    /// When the next one starts.
    pub(in crate::supervise) next: Instant,
    pub(in crate::supervise) mailbox: Option<MailboxDepth>,
    pub(in crate::supervise) error: Option<Text>,
    pub(in crate::supervise) below: View,
}

impl View {
    /// Whether anybody can look on.
    pub(in crate::supervise) const ANY: bool = true;

    /// Nobody can look.
    pub(in crate::supervise) const fn nobody() -> Self {
        Self(None)
    }

    pub(crate) fn new() -> Self {
        let (rows, looked) = (Lock::new(Vec::new()), AtomicBool::new(false));
        Self(Some(Arc::new(Board { rows, looked, supervisor: WakerCell::new() })))
    }

    /// Has the task that polls the supervisor woken when somebody looks.
    pub(in crate::supervise) fn register(&self, cx: &Context<'_>) {
        if let Some(board) = &self.0 {
            board.supervisor.register(cx.waker());
        }
    }

    /// Writes down how a child is.
    pub(in crate::supervise) fn show(&self, at: usize, child: Pin<&mut dyn AnyChild>) {
        let Some(board) = &self.0 else { return };
        let row = Row::of(child);
        let old = board.rows.with(|rows| {
            let old = rows.get_mut(at)?;
            let mut row = row.clone();
            row.error = old.error;
            Some(mem::replace(old, row))
        });
        if old.is_none() {
            board.push(row);
        }
    }

    /// Writes down why a child failed.
    pub(in crate::supervise) fn failed(&self, at: usize, error: &dyn fmt::Debug) {
        let Some(board) = &self.0 else { return };
        let text = Text::of(error);
        board.rows.with(|rows| {
            if let Some(row) = rows.get_mut(at) {
                row.error = Some(text);
            }
        });
    }

    /// A child was taken away; those after it have moved up.
    pub(in crate::supervise) fn removed(&self, at: usize) {
        let Some(board) = &self.0 else { return };
        // Dropped outside the lock.
        let _row = board.rows.with(|rows| (at < rows.len()).then(|| rows.remove(at)));
    }

    /// The rows as they are now.
    pub(in crate::supervise) fn rows(&self) -> Vec<Row> {
        let Some(board) = &self.0 else { return Vec::new() };
        let mut rows = Vec::with_capacity(board.rows.with(|rows| rows.len()));
        while let Some(row) = board.rows.with(|all| all.get(rows.len()).cloned()) {
            rows.push(row);
        }
        rows
    }

    /// Has the mailboxes counted anew, at the supervisor's next turn.
    pub(in crate::supervise) fn look(&self) {
        if let Some(board) = &self.0 {
            board.looked.store(true, Ordering::Release);
            board.supervisor.wake();
        }
    }
}

impl Board {
    /// Adds a row; the supervisor alone does that.
    fn push(&self, row: Row) {
        let room = self.rows.with(|rows| rows.capacity() - rows.len());
        if room == 0 {
            // Moved under the lock; allocated and freed outside.
            let mut more = Vec::with_capacity(2 * self.rows.with(|rows| rows.len()) + 4);
            self.rows.with(|rows| {
                more.append(rows);
                mem::swap(&mut more, rows);
            });
        }
        self.rows.with(|rows| rows.push(row));
    }
}

impl Row {
    fn of(mut child: Pin<&mut dyn AnyChild>) -> Self {
        let visible = child.as_mut().visible();
        let entry = child.as_mut().entry();
        let state = ChildState::of(entry);
        let (incarnations, started) = (entry.incarnations, entry.started);
        let next = entry.next();
        let (child, kind) = (child.as_mut().id(), child.kind());
        let (mailbox, below) = (visible.mailbox, visible.view);
        Self { child, kind, state, incarnations, started, next, mailbox, error: None, below }
    }
}

impl<Set: ChildSet, C: Clock, Stop, O, R, P> Supervise<Set, C, Stop, O, R, P> {
    /// Writes down how all children are.
    pub(in crate::supervise) fn show_all(self: Pin<&mut Self>) {
        let mut this = self.project();
        let Some(board) = &this.view.0 else { return };
        board.looked.store(false, Ordering::Relaxed);
        for at in 0..this.children.as_mut().count() {
            this.view.show(at, this.children.as_mut().child(at));
        }
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("on", &self.0.is_some()).finish()
    }
}
