//! Many children alike, started one by one from arguments while the supervisor runs.

use super::{
    asked::{Answer, Calls},
    hire::{Hire, Seated},
    refused::Refused,
    requests::Request,
    supervisor_ref::{StartError, WAITING_REQUESTS},
};
use crate::supervise::{
    children::child::Child,
    children::drive::{Drive, Factory},
    children::set::Chain,
    children::set_heap::Group,
    events::event::{ChildId, Event},
    events::observer::{Observer, Unobserved},
    run::Supervise,
    spec::{Restart, Shutdown, Strategy},
    supervisor::Supervisor,
    tree::info::{ChildCounts, ChildInfo},
};
use crate::time::Clock;
use alloc::vec::Vec;
use core::{fmt, future::Pending, marker::PhantomData, time::Duration};

/// A supervisor of many children alike; `make` gives the factory of each, from an argument.
///
/// OTP's `simple_one_for_one`, Elixir's `DynamicSupervisor`. Children are restarted each on its own,
/// always unless said otherwise, up to 3 times within 5 seconds in all, as in Elixir. One that is
/// stopped or has ended is forgotten, and its place is free. All stop at the same time.
///
/// # Examples
///
/// ```
/// use klaw::{Restart, supervise::DynamicSupervisor, task};
///
/// let connections = DynamicSupervisor::new("connection", |port: u16| {
///     move || task(async move { if port == 0 { Err("no port") } else { Ok(()) } })
/// })
/// .restart(Restart::Never)
/// .max_children(1000);
/// ```
#[must_use = "a supervisor does nothing unless it is run"]
pub struct DynamicSupervisor<A, Make, O = Unobserved> {
    name: &'static str,
    make: Make,
    restart: Restart,
    max_children: usize,
    supervisor: Supervisor<(), O>,
    argument: PhantomData<fn(A)>,
}

/// A dynamic supervisor as it runs; made by [`DynamicSupervisor::run_with`].
pub type SuperviseDynamic<D, C, O, A, Make, F> =
    Supervise<Chain<(), Group<Child<D, Seated<F>>>>, C, Pending<()>, O, Hire<A, Make, D>>;

impl<A, Make> DynamicSupervisor<A, Make> {
    /// A supervisor whose children have `name`, and a number each.
    pub fn new<F: Factory>(name: &'static str, make: Make) -> Self
    where
        Make: FnMut(A) -> F,
    {
        let supervisor = Supervisor::new(Strategy::OneForOne).max_restarts(3).stop_at_once();
        Self {
            name,
            make,
            restart: Restart::Always,
            max_children: usize::MAX,
            supervisor,
            argument: PhantomData,
        }
    }
}

impl<A, Make, O> DynamicSupervisor<A, Make, O> {
    /// After which exits a child is restarted; after every one unless given.
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How many children there may be; any number unless given.
    pub const fn max_children(mut self, max: usize) -> Self {
        self.max_children = max;
        self
    }

    /// How many restarts of all children together are allowed within the window; 3 unless given.
    pub fn max_restarts(mut self, max: usize) -> Self {
        self.supervisor = self.supervisor.max_restarts(max);
        self
    }

    /// The time within which restarts are counted; 5 s unless given.
    pub fn restart_window(mut self, window: Duration) -> Self {
        self.supervisor = self.supervisor.restart_window(window);
        self
    }

    /// How a child is brought to its end; drained within 5 s unless given.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.supervisor = self.supervisor.shutdown(shutdown);
        self
    }

    /// Tells `observer` of every decision, when it is made.
    ///
    /// It runs inside the supervisor: it must neither block nor panic.
    pub fn observe<P: FnMut(&Event<'_>)>(
        self,
        observer: P,
    ) -> DynamicSupervisor<A, Make, impl Observer>
    where
        O: Observer,
    {
        let Self { name, make, restart, max_children, supervisor, argument } = self;
        let supervisor = supervisor.observe(observer);
        DynamicSupervisor { name, make, restart, max_children, supervisor, argument }
    }

    /// Runs the supervisor, with its children by `driver`, and gives the reference that starts them.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the children, in no particular order.
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub fn run_with<D, C: Clock, F: Factory>(
        self,
        driver: D,
        clock: &C,
    ) -> (SuperviseDynamic<D, C, O, A, Make, F>, DynamicRef<A>)
    where
        Make: FnMut(A) -> F,
        D: Drive<F::Future>,
        O: Observer,
    {
        let Self { name, make, restart, max_children, mut supervisor, .. } = self;
        supervisor.machine.policy.forgets = true;
        let shutdown = supervisor.shutdown;
        let (calls, receiver) = Calls::new(WAITING_REQUESTS);
        let hire = Hire::new(receiver, make, driver.clone(), name, restart, shutdown, max_children);
        let running = supervisor.group(Group::new()).run_with(driver, clock).requests(hire);
        (running, DynamicRef { calls })
    }
}

/// A reference to a dynamic supervisor; clones are to the same one.
///
/// As long as there is a reference, the supervisor does not end because no child is left.
pub struct DynamicRef<A> {
    calls: Calls<A>,
}

impl<A> DynamicRef<A> {
    /// Makes a child from `argument` and starts it; done when it is ready.
    ///
    /// # Errors
    ///
    /// [`StartError`], with the argument if no child was made of it: `MaxChildren` if there are too many
    /// already, `StartFailed` if it failed before it was ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes the request back if it still waits for room; else it is done all
    /// the same.
    pub async fn start_child(&self, argument: A) -> Result<ChildId, StartError<A>> {
        match self.calls.ask(Request::Start(argument)).await {
            Answer::Done(Some(child)) => Ok(child),
            Answer::Refused(why, refused) => Err(StartError { why, refused }),
            // Not what a start is answered with.
            Answer::Done(None) | Answer::Children(_) => {
                Err(StartError { why: Refused::StartFailed, refused: None })
            }
        }
    }

    /// Stops a child for good; done when it is gone.
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

impl<A> Clone for DynamicRef<A> {
    fn clone(&self) -> Self {
        Self { calls: self.calls.clone() }
    }
}

impl<A> fmt::Debug for DynamicRef<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicRef").finish_non_exhaustive()
    }
}

impl<A, Make, O> fmt::Debug for DynamicSupervisor<A, Make, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSupervisor")
            .field("name", &self.name)
            .field("restart", &self.restart)
            .field("max_children", &self.max_children)
            .finish_non_exhaustive()
    }
}
