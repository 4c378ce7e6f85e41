//! Time by tokio.

use core::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use klaw::{Clock, Instant, Sleep};
use pin_project_lite::pin_project;
use tokio::{runtime::Handle, time};

/// The clock of one tokio runtime; paused and advanced with it.
///
/// It works inside the runtime and outside of it, since it carries the runtime's handle. Timers of a
/// current-thread runtime fire while somebody is in `block_on`. They are exact to the millisecond,
/// and late rather than early.
///
/// Its epoch is the moment it was made; instants of its clones agree, those of a clock made apart do
/// not.
///
/// # Panics
///
/// Asking it for the time or for a timer panics while the thread's local values are destroyed, as
/// everything of tokio does.
///
/// # Examples
///
/// ```
/// use klaw_tokio::{Clock, TokioClock};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let clock = TokioClock::new(&tokio::runtime::Handle::current());
/// let begun = clock.now();
/// clock.sleep(Duration::from_secs(3600)).await; // an hour of paused time
/// assert_eq!(clock.now().saturating_since(begun), Duration::from_secs(3600));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokioClock {
    handle: Handle,
    epoch: time::Instant,
}

pin_project! {
    /// A timer of tokio.
    ///
    /// # Panics
    ///
    /// When it is polled by a task of another runtime, or by none, after its own runtime was shut
    /// down, unless its deadline has passed: nobody would wake it any more.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct TokioSleep {
        // None if it never completes.
        #[pin]
        timer: Option<time::Sleep>,
        clock: TokioClock,
    }
}

impl TokioClock {
    /// The clock of the runtime `handle` belongs to.
    ///
    /// # Panics
    ///
    /// If that runtime was built without timers (`enable_time`).
    #[track_caller]
    pub fn new(handle: &Handle) -> Self {
        let _inside = handle.enter();
        // Fails here if it will ever fail, and not where the first timer is made.
        drop(time::sleep(Duration::ZERO));
        Self { handle: handle.clone(), epoch: time::Instant::now() }
    }

    fn present(&self) -> time::Instant {
        // Inside, since a paused clock belongs to a runtime.
        let _inside = self.handle.enter();
        time::Instant::now()
    }

    /// The same moment for tokio; `None` if it never comes.
    fn moment(&self, at: Instant) -> Option<time::Instant> {
        if at == Instant::FAR_FUTURE {
            return None;
        }
        self.epoch.checked_add(Duration::from_nanos(at.as_nanos()))
    }

    fn timer(&self, at: time::Instant) -> time::Sleep {
        let _inside = self.handle.enter();
        time::sleep_until(at)
    }
}

impl Clock for TokioClock {
    type Sleep = TokioSleep;

    fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(self.present().saturating_duration_since(self.epoch))
    }

    fn sleep_until(&self, deadline: Instant) -> TokioSleep {
        let timer = self.moment(deadline).map(|at| self.timer(at));
        TokioSleep { timer, clock: self.clone() }
    }
}

impl Sleep for TokioSleep {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let mut this = self.project();
        match (this.clock.moment(deadline), this.timer.as_mut().as_pin_mut()) {
            (Some(at), Some(timer)) => timer.reset(at),
            (Some(at), None) => {
                let timer = this.clock.timer(at);
                this.timer.set(Some(timer));
            }
            (None, _) => this.timer.set(None),
        }
    }
}

impl Future for TokioSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let Some(timer) = this.timer.as_pin_mut() else { return Poll::Pending };
        // Tokio's own timer looks at the time only when its driver next runs, and answers pending
        // to a task whose budget is used up.
        if timer.deadline() <= this.clock.present() {
            return Poll::Ready(());
        }
        timer.poll(cx)
    }
}
