//! A supervision tree as it was at one moment.

use super::{
    info::{ChildKind, ChildState, MailboxDepth},
    view::{Row, View},
};
use crate::supervise::events::event::ChildId;
use crate::time::Instant;
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, time::Duration};

/// A supervisor's children as they can be seen from outside; clones look at the same ones.
#[derive(Clone, Debug)]
pub struct TreeView(pub(crate) View);

impl TreeView {
    /// The tree as its supervisors last wrote it down, on the supervisors' clock.
    ///
    /// Works also while a supervisor is stuck in a child's poll. The mailboxes are counted at each
    /// turn of their supervisor; looking gives it one, so the next look sees what waits now.
    pub fn snapshot(&self, now: Instant) -> TreeSnapshot {
        let children = look(&self.0, now);
        TreeSnapshot { children }
    }
}

fn look(view: &View, now: Instant) -> Vec<ChildSnapshot> {
    let children = view.rows().into_iter().map(|row| ChildSnapshot::new(&row, now)).collect();
    view.look();
    children
}

/// A supervision tree at one moment; printed as a tree, a line for each child.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeSnapshot {
    /// The children in start order.
    pub children: Vec<ChildSnapshot>,
}

/// A child at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildSnapshot {
    /// Which child.
    pub child: ChildId,
    /// What kind of child it is.
    pub kind: ChildKind,
    /// Whether it runs.
    pub state: ChildState,
    /// How long its next start is put off, if it is.
    pub starts_in: Option<Duration>,
    /// How often it was restarted.
    pub restarts: usize,
    /// For how long its incarnation has been up; `None` if none is.
    pub up: Option<Duration>,
    /// How full its mailbox is, if it has one.
    pub mailbox: Option<MailboxDepth>,
    /// How it last failed, cut after 120 bytes.
    pub last_error: Option<String>,
    /// Its own children, if it is a supervisor.
    pub children: Vec<Self>,
}

impl ChildSnapshot {
    fn new(row: &Row, now: Instant) -> Self {
        let alive =
            matches!(row.state, ChildState::Starting | ChildState::Running | ChildState::Stopping);
        let put_off = row.state == ChildState::Waiting && row.next > now;
        let last_error = row.error.map(|error| {
            let more = if error.is_cut() { "\u{2026}" } else { "" };
            format!("{}{more}", error.as_str())
        });
        Self {
            child: row.child,
            kind: row.kind,
            state: row.state,
            starts_in: put_off.then(|| row.next.saturating_since(now)),
            restarts: row.incarnations.saturating_sub(1),
            up: alive.then(|| now.saturating_since(row.started)),
            mailbox: row.mailbox,
            last_error,
            children: look(&row.below, now),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: &str, last: bool) -> fmt::Result {
        let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        write!(f, "{indent}{branch}{}", self.child)?;
        if self.kind == ChildKind::Supervisor {
            f.write_str("  supervisor")?;
        }
        match (self.state, self.starts_in) {
            (ChildState::Waiting, Some(wait)) => write!(f, "  backing off {wait:.1?}")?,
            (ChildState::Waiting, None) => f.write_str("  waiting")?,
            (ChildState::Starting, _) => f.write_str("  starting")?,
            (ChildState::Running, _) => f.write_str("  running")?,
            (ChildState::Stopping, _) => f.write_str("  stopping")?,
            (ChildState::Stopped, _) => f.write_str("  stopped")?,
            (ChildState::Ended, _) => f.write_str("  ended")?,
        }
        write!(f, "  restarts {}", self.restarts)?;
        if let Some(mailbox) = self.mailbox {
            write!(f, "  mailbox {}/{}", mailbox.waiting, mailbox.capacity)?;
        }
        if let Some(up) = self.up {
            write!(f, "  up {up:.1?}")?;
        }
        if let Some(error) = &self.last_error {
            write!(f, "  last error: {}", error.escape_debug().to_string().replace("\\\"", "\""))?;
        }
        f.write_str("\n")?;
        write_all(&self.children, f, &format!("{indent}{below}"))
    }
}

fn write_all(all: &[ChildSnapshot], f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
    for (at, child) in all.iter().enumerate() {
        child.write(f, indent, at + 1 == all.len())?;
    }
    Ok(())
}

impl fmt::Display for TreeSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_all(&self.children, f, "")
    }
}
