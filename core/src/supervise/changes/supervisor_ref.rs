//! A reference to a supervisor that runs, by which it is spoken to.

use super::{
    asked::{Answer, Asked, Calls},
    refused::Refused,
    requests::Request,
};
use crate::supervise::{
    children::child::{AnyChild, Child, ChildSpec},
    children::drive::{Drive, Factory},
    children::set::{Build, Chain},
    children::set_heap::{Group, Kind},
    events::event::ChildId,
    events::observer::Observer,
    run::Supervise,
    supervisor::Supervisor,
    tree::info::{ChildCounts, ChildInfo},
};
use crate::time::Clock;
use alloc::{boxed::Box, vec::Vec};
use core::{error::Error, fmt, future::Pending, pin::Pin};

/// How many requests wait for a supervisor before those who ask have to.
pub(crate) const WAITING_REQUESTS: usize = 16;

/// A reference to a supervisor that runs with the driver `D`; clones are to the same one.
///
/// Children that are added are boxed as `T`: `dyn AnyChild + Send` where tasks move between
/// threads, `dyn AnyChild` where they do not. Requests are answered one after the other. As long as
/// there is a reference, the supervisor does not end because no child is left. A child that waits
/// for a request to its own supervisor to stop or restart that child waits for itself.
///
/// # Examples
///
/// ```
/// # use klaw::{Clock, Restart, Shutdown, Strategy, Supervisor, SupervisorError, task};
/// # use klaw::supervise::{AnyChild, ChildId, ChildSpec, InPlace, Refused};
/// # async fn example<C: Clock>(clock: C) -> Result<(), SupervisorError> {
/// let (running, supervisor) = Supervisor::new(Strategy::OneForOne)
///     .run_open::<_, dyn AnyChild, _>(InPlace, &clock);
/// let pumps = async {
///     let id = ChildId { name: "pump", index: Some(7) };
///     let pump = || task(std::future::pending::<()>());
///     let spec = ChildSpec::new(id, Restart::Always, Shutdown::default(), pump);
///     supervisor.start_child(spec).await?;
///     supervisor.stop_child(id).await?;
///     supervisor.delete_child(id).await
/// };
/// # let _: (_, Result<(), Refused>) = futures_util::future::join(running, pumps).await;
/// # Ok(())
/// # }
/// ```
pub struct SupervisorRef<D, T: ?Sized = dyn AnyChild + Send> {
    calls: Calls<Pin<Box<T>>>,
    driver: D,
}

/// Puts a child into a box as one of any kind.
pub trait BoxChild<X>: Kind {
    /// The child in a box.
    fn boxed(child: X) -> Pin<Box<Self>>;
}

impl<X: AnyChild + 'static> BoxChild<X> for dyn AnyChild {
    fn boxed(child: X) -> Pin<Box<Self>> {
        Box::pin(child)
    }
}

impl<X: AnyChild + Send + 'static> BoxChild<X> for dyn AnyChild + Send {
    fn boxed(child: X) -> Pin<Box<Self>> {
        Box::pin(child)
    }
}

/// A supervisor that others have a reference to, as it runs.
pub type OpenSupervise<Set, C, O, T> =
    Supervise<Chain<Set, Group<T>>, C, Pending<()>, O, Asked<Pin<Box<T>>>>;

impl<Set, O: Observer> Supervisor<Set, O> {
    /// Runs the children by `driver`, as [`run_with`](Self::run_with) does, and others that are
    /// added by the reference.
    ///
    /// # Panics
    ///
    /// If a child is significant and the supervisor has no [`auto_shutdown`](Self::auto_shutdown).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub fn run_open<D, T: Kind + ?Sized, C: Clock>(
        self,
        driver: D,
        clock: &C,
    ) -> (OpenSupervise<Set::Set, C, O, T>, SupervisorRef<D, T>)
    where
        D: Clone,
        Set: Build<D>,
    {
        let (calls, receiver) = Calls::new(WAITING_REQUESTS);
        let running = self.group(Group::new()).run_with(driver.clone(), clock);
        (running.requests(Asked::new(receiver)), SupervisorRef { calls, driver })
    }
}

impl<D, T: ?Sized> SupervisorRef<D, T> {
    /// Adds a child after all others and starts it; done when it is ready.
    ///
    /// # Errors
    ///
    /// [`StartError`], with the child if it was not started: `AlreadyRunning` or `AlreadyPresent` if
    /// there is one of this name, `StartFailed` if it failed before it was ready, of which nothing is
    /// kept.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes the request back if it still waits for room; else it is done all
    /// the same.
    pub async fn start_child<F: Factory>(
        &self,
        spec: ChildSpec<F>,
    ) -> Result<(), StartError<Pin<Box<T>>>>
    where
        D: Drive<F::Future>,
        T: BoxChild<Child<D, F>>,
    {
        self.start_boxed(T::boxed(spec.build(&self.driver))).await
    }

    /// As [`start_child`](Self::start_child), with a child that was given back.
    ///
    /// # Errors
    ///
    /// As [`start_child`](Self::start_child).
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn start_boxed(&self, child: Pin<Box<T>>) -> Result<(), StartError<Pin<Box<T>>>> {
        match self.calls.ask(Request::Start(child)).await {
            Answer::Refused(why, refused) => Err(StartError { why, refused }),
            Answer::Done(_) | Answer::Children(_) => Ok(()),
        }
    }

    /// Stops a child, which keeps its specification unless it is temporary; done when it is gone.
    ///
    /// # Errors
    ///
    /// [`Refused::NotFound`], or that the supervisor stops or is gone.
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn stop_child(&self, child: ChildId) -> Result<(), Refused> {
        self.calls.have(Request::Stop(child)).await
    }

    /// Starts a child that was stopped or has ended; done when it is ready.
    ///
    /// # Errors
    ///
    /// [`Refused::Running`], `Restarting`, `NotFound` or `StartFailed`, or that the supervisor stops or
    /// is gone.
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn restart_child(&self, child: ChildId) -> Result<(), Refused> {
        self.calls.have(Request::Restart(child)).await
    }

    /// Removes a child that does not run.
    ///
    /// # Errors
    ///
    /// [`Refused::Running`], `Restarting` or `NotFound`, or that the supervisor stops or is gone.
    ///
    /// # Cancel safety
    ///
    /// As [`start_child`](Self::start_child).
    pub async fn delete_child(&self, child: ChildId) -> Result<(), Refused> {
        self.calls.have(Request::Delete(child)).await
    }

    /// All children, in start order.
    ///
    /// # Errors
    ///
    /// [`Refused::SupervisorGone`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, Refused> {
        self.calls.children().await
    }

    /// How many children there are, and how many run.
    ///
    /// # Errors
    ///
    /// [`Refused::SupervisorGone`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing.
    pub async fn count_children(&self) -> Result<ChildCounts, Refused> {
        Ok(self.which_children().await?.into_iter().collect())
    }
}

impl<D: Clone, T: ?Sized> Clone for SupervisorRef<D, T> {
    fn clone(&self) -> Self {
        Self { calls: self.calls.clone(), driver: self.driver.clone() }
    }
}

/// Why a child was not added to a running supervisor; `N` is what it was to be made of.
pub struct StartError<N> {
    /// What stood in the way.
    pub why: Refused,
    /// What was refused, unless it was started or the supervisor went away with it.
    pub refused: Option<N>,
}

impl<N> From<StartError<N>> for Refused {
    fn from(error: StartError<N>) -> Self {
        error.why
    }
}

impl<N> fmt::Display for StartError<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl<N> fmt::Debug for StartError<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartError").field("why", &self.why).finish_non_exhaustive()
    }
}

impl<N> Error for StartError<N> {}

impl<D, T: ?Sized> fmt::Debug for SupervisorRef<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorRef").finish_non_exhaustive()
    }
}
