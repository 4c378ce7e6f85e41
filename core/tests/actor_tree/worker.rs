//! The actor of the trees: chance decides what its handlers do, and it writes everything down.

use super::{
    history::{Fact, History, Id},
    ms,
    world::{Dice, World},
    yield_now,
};
use core::future::pending;
use klaw::{Actor, Ctx, Reply, Sender, actor::StashFull, timeout};
use std::{panic::resume_unwind, rc::Rc};

/// What a worker is told; its destructor is part of the history.
pub(crate) struct Job {
    id: Id,
    reply: Option<Reply<Id>>,
    history: Rc<History>,
}

impl Job {
    pub(super) fn new(id: Id, reply: Option<Reply<Id>>, history: &Rc<History>) -> Self {
        history.message_made();
        Self { id, reply, history: history.clone() }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.history.message_dropped(self.id);
    }
}

/// Why a worker failed.
#[derive(Debug)]
#[allow(dead_code, reason = "told to observers")]
pub(super) enum Failure {
    AtStart,
    ByChance,
    StashFull,
}

pub(super) struct Worker {
    world: Rc<World>,
    history: Rc<History>,
    begun: Option<usize>,
    /// How many messages are still put aside before they are brought back.
    putting_aside: u64,
    _alive: Option<Sender<()>>,
}

impl Worker {
    pub(super) fn new(world: &Rc<World>, history: &Rc<History>) -> Self {
        let states = &history.states;
        states.set(states.get() + 1);
        assert_eq!(states.get(), 1, "the state of the incarnation before is still there");
        let _alive = world.alive();
        let (world, history) = (world.clone(), history.clone());
        Self { world, history, begun: None, putting_aside: 0, _alive }
    }

    fn dice(&self) -> &Dice {
        &self.world.dice
    }

    /// One of the ways in which a handler goes wrong.
    async fn misfortune(&self, ctx: &mut Ctx<'_, Job>) -> Result<(), Failure> {
        match self.dice().below(10) {
            0..4 => return Err(Failure::ByChance),
            4..7 => resume_unwind(Box::new("by chance")), // without the panic hook
            7..9 => ctx.stop(),
            _ if self.world.plan.hangs => pending().await,
            _ => {}
        }
        Ok(())
    }

    /// Asks or tells another worker, but does not wait for ever: that one may be down.
    async fn turn_to_another(&self, ctx: &mut Ctx<'_, Job>, id: Id) {
        let Some(other) = self.world.any() else { return };
        // A sender of its own, since its messages come after others of the client.
        let id = (1_000_000 + id.0 * 1_000 + id.1, 0);
        let history = other.history.clone();
        if self.dice().chance(500) {
            let question = |reply| Job::new(id, Some(reply), &history);
            let asked = ctx.ask(&other.mailbox, question);
            if let Ok(Ok(answer)) = timeout(&self.world.clock, ms(5), asked).await {
                assert_eq!(answer, id);
                other.history.add(Fact::Answered(id));
            }
        } else {
            let told = ctx.tell(&other.mailbox, Job::new(id, None, &history));
            if let Ok(Ok(())) = timeout(&self.world.clock, ms(5), told).await {
                other.history.add(Fact::Accepted(id));
            }
        }
    }
}

impl Actor for Worker {
    type Msg = Job;
    type Error = Failure;

    async fn started(&mut self, ctx: &mut Ctx<'_, Job>) -> Result<(), Failure> {
        self.begun = Some(ctx.incarnation());
        self.history.add(Fact::Begun(ctx.incarnation()));
        match self.dice().below(10) {
            0 => yield_now().await,
            1 => self.world.clock_sleep(2).await,
            _ => {}
        }
        let fails = self.dice().chance(self.world.plan.failures / 4);
        // One that fails in its first start ends its supervisor; that is to happen, but seldom.
        if fails && (ctx.incarnation() > 0 || self.dice().chance(50)) {
            return Err(Failure::AtStart);
        }
        Ok(())
    }

    async fn handle(&mut self, mut job: Job, ctx: &mut Ctx<'_, Job>) -> Result<(), Failure> {
        if self.putting_aside > 0 {
            self.putting_aside -= 1;
            if let Err(StashFull(job)) = ctx.stash(job) {
                self.history.add(Fact::Overflowed(job.id));
                return Err(Failure::StashFull);
            }
            if self.putting_aside == 0 {
                ctx.unstash_all();
            }
            return Ok(());
        }
        self.history.add(Fact::Handled(job.id));
        match self.dice().below(20) {
            0..4 => yield_now().await,
            4..7 => self.world.clock_sleep(2).await,
            7..9 => self.turn_to_another(ctx, job.id).await,
            9 => self.putting_aside = 1 + self.dice().below(3),
            _ => {}
        }
        if self.dice().chance(self.world.plan.failures) {
            self.misfortune(ctx).await?;
        }
        if let Some(reply) = job.reply.take()
            && !self.dice().chance(50)
        {
            self.history.add(Fact::Replied(job.id));
            reply.send(job.id);
        }
        Ok(())
    }

    async fn stopped(&mut self, _: &klaw::Exit<Failure>) {
        if self.dice().chance(100) {
            self.world.clock_sleep(1).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.history.states.set(self.history.states.get() - 1);
        if let Some(begun) = self.begun {
            self.history.add(Fact::Gone(begun));
        }
    }
}
