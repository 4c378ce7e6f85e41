//! The executors that actors run on.
//!
//! None has an I/O reactor but for the driver at the root; tokio's has timers, since some of the
//! libraries need them.

mod smol;
mod tokio;

pub use self::{
    smol::OnSmol,
    tokio::{OnTokio, with_one_worker},
};

use crate::clock;
use std::time::{Duration, Instant};

/// How many threads run the actors and the driver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// The calling one, with the driver not as a task but as the future that the runtime blocks on.
    Root,
    /// The calling one, with the driver as a task.
    One,
    /// Two, each on a core of its own.
    Two,
}

impl Threads {
    pub const ALL: [Self; 3] = [Self::Root, Self::One, Self::Two];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "driver at the root",
            Self::One => "one thread",
            Self::Two => "two threads",
        }
    }

    /// A watch that counts this thread's processor time, or the wall's.
    pub fn watch(self) -> Watch {
        match self {
            Self::Root | Self::One => Watch::Processor(clock::thread()),
            Self::Two => Watch::Wall(Instant::now()),
        }
    }
}

pub enum Watch {
    Processor(Duration),
    Wall(Instant),
}

impl Watch {
    pub fn elapsed(&self) -> Duration {
        match self {
            Self::Processor(start) => clock::thread() - *start,
            Self::Wall(start) => start.elapsed(),
        }
    }
}

/// Runs drivers, and the actors that they start.
pub trait Stage {
    /// What a driver gets to start actors by.
    type Handle;

    /// Runs the driver to its end; what is left on one thread is then dropped.
    fn run<T, D, F>(threads: Threads, driver: D) -> T
    where
        T: Send + 'static,
        D: FnOnce(Self::Handle) -> F,
        F: Future<Output = T> + Send + 'static;

    /// Starts a task beside the driver.
    fn spawn(handle: &Self::Handle, task: impl Future<Output = ()> + Send + 'static);
}
