//! Actors as children.

use super::{child::ChildSpec, drive::Factory, incarnation::Incarnation, set::Chain};
use crate::actor::ActorRef;
use crate::supervise::{
    entry::Entry, events::event::ChildId, spec::Restart, supervisor::Supervisor,
};

/// Makes the incarnations of an actor, one after the other: a closure that takes the mailbox.
pub trait Incarnations<M: 'static> {
    /// One of them.
    type Incarnation: Incarnation<Control = ActorRef<M>>;

    /// Makes the next one.
    fn next(&mut self, me: ActorRef<M>) -> Self::Incarnation;
}

impl<M: 'static, I, F> Incarnations<M> for F
where
    I: Incarnation<Control = ActorRef<M>>,
    F: FnMut(ActorRef<M>) -> I,
{
    type Incarnation = I;

    fn next(&mut self, me: ActorRef<M>) -> I {
        self(me)
    }
}

/// Makes incarnations that serve one mailbox.
#[derive(Debug)]
pub struct ActorFactory<M: 'static, F> {
    me: ActorRef<M>,
    incarnation: F,
}

impl<M, F> ActorFactory<M, F> {
    pub(crate) const fn new(me: ActorRef<M>, incarnation: F) -> Self {
        Self { me, incarnation }
    }
}

impl<M, F: Incarnations<M>> Factory for ActorFactory<M, F> {
    type Future = F::Incarnation;

    const DELAYS: bool = false;

    fn make(&mut self) -> F::Incarnation {
        self.incarnation.next(self.me.clone())
    }

    fn control(&self) -> Option<&ActorRef<M>> {
        Some(&self.me)
    }
}

impl<Set, O, P> Supervisor<Set, O, P> {
    /// Adds an actor, under the name of its mailbox: `incarnation` makes one after the other.
    ///
    /// The mailbox is closed when no further incarnation will come, also if there never was one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use klaw::{Actor, Ctx, Restart, Strategy, Supervisor, mailbox_named, serve};
    /// # #[derive(Default)]
    /// # struct Counter;
    /// # impl Actor for Counter {
    /// #     type Msg = u32;
    /// #     type Error = &'static str;
    /// #     async fn handle(&mut self, _: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// let counter = mailbox_named("counter", 64);
    /// let supervisor = Supervisor::new(Strategy::OneForOne)
    ///     .actor(&counter, Restart::Always, |me| serve(Counter::default(), me));
    /// ```
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub fn actor<M, I, F>(
        self,
        mailbox: &ActorRef<M>,
        restart: Restart,
        incarnation: F,
    ) -> Supervisor<Chain<Set, ChildSpec<ActorFactory<M, F>>>, O, P>
    where
        I: Incarnation<Control = ActorRef<M>>,
        F: FnMut(ActorRef<M>) -> I,
    {
        self.actor_of(mailbox, restart, incarnation)
    }

    /// As [`actor`](Self::actor), whatever makes the incarnations.
    #[allow(clippy::type_complexity, reason = "a chain of types, as with every child")]
    pub(crate) fn actor_of<M, F: Incarnations<M>>(
        self,
        mailbox: &ActorRef<M>,
        restart: Restart,
        incarnation: F,
    ) -> Supervisor<Chain<Set, ChildSpec<ActorFactory<M, F>>>, O, P> {
        let id = ChildId { name: mailbox.name(), index: None };
        let factory = ActorFactory::new(mailbox.clone(), incarnation);
        let spec = ChildSpec { id, entry: Entry::new(restart, self.shutdown), factory };
        self.add(spec)
    }
}
