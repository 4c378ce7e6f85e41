//! A pool of workers that do what they are told and write it down, and where they run.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use crate::{executor::Executor, virtual_clock::VirtualClock};
use core::{cell::RefCell, future::pending, num::ParseIntError};
use klaw::{
    Actor, CancelToken, Context, Ctx, Reply,
    pool::{ActorPool, MemberState, PoolEvent},
};
use std::{collections::BTreeMap, rc::Rc};

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<Pages>);

#[derive(Default)]
struct Pages {
    lines: RefCell<Vec<String>>,
    notes: RefCell<Vec<(u32, u32)>>,
}

impl Log {
    pub(crate) fn add(&self, line: String) {
        self.0.lines.borrow_mut().push(line);
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().clone()
    }

    /// Which member was told which note.
    pub(crate) fn notes(&self) -> Vec<(u32, u32)> {
        self.0.notes.borrow().clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lines.take();
        self.0.notes.take();
    }
}

/// Writes down what a pool says.
pub(crate) fn observer(log: &Log) -> impl FnMut(&PoolEvent<'_>) + use<> {
    let log = log.clone();
    move |event| {
        log.add(match event {
            PoolEvent::Started { member, attempt } => format!("Started {member} {attempt}"),
            PoolEvent::Failed { member, error, attempt } => {
                format!("Failed {member} {attempt} {error:?}")
            }
            PoolEvent::Restarting { member, attempt } => format!("Restarting {member} {attempt}"),
            PoolEvent::Replaced { member, attempt } => format!("Replaced {member} {attempt}"),
            PoolEvent::Ended { member } => format!("Ended {member}"),
            PoolEvent::Lost { member } => format!("Lost {member}"),
            PoolEvent::Closed { pool } => format!("Closed {pool}"),
            other => format!("{other:?}"),
        });
    }
}

pub(crate) enum Job {
    Note(u32),
    /// Answers with the number of the member.
    Who(Reply<u32>),
    Echo(u32, Reply<u32>),
    /// Lowers the count of open questions, and answers.
    Count(u32, Rc<RefCell<usize>>, Reply<u32>),
    /// Fails as long as the number's count is above zero, which it lowers.
    FailAsLongAs(u32, Rc<RefCell<BTreeMap<u32, u32>>>, Reply<u32>),
    Parse(&'static str, Reply<Result<u32, ParseIntError>>),
    RequestId(Reply<Option<String>>),
    /// Waits until the gate opens.
    Hold(CancelToken),
    HoldThenPanic(CancelToken),
    Hang(Reply<u32>),
    Fail(Reply<u32>),
    Panic(Reply<u32>),
    /// Panics without a question in hand.
    Die,
}

pub(crate) struct Worker {
    log: Log,
    number: u32,
}

impl Worker {
    pub(crate) fn new(log: &Log, number: usize) -> Self {
        Self { log: log.clone(), number: number as u32 }
    }
}

impl Actor for Worker {
    type Msg = Job;
    type Error = &'static str;

    async fn started(&mut self, ctx: &mut Ctx<'_, Job>) -> Result<(), &'static str> {
        self.log.add(format!("{} up {}", self.number, ctx.incarnation()));
        Ok(())
    }

    async fn handle(&mut self, job: Job, _: &mut Ctx<'_, Job>) -> Result<(), &'static str> {
        match job {
            Job::Note(note) => self.log.0.notes.borrow_mut().push((self.number, note)),
            Job::Who(reply) => reply.send(self.number),
            Job::Echo(n, reply) => reply.send(n),
            Job::Count(n, open, reply) => {
                *open.borrow_mut() -= 1;
                reply.send(n);
            }
            Job::FailAsLongAs(n, failures, reply) => {
                if let Some(left @ 1..) = failures.borrow_mut().get_mut(&n) {
                    *left -= 1;
                    return Err("told to fail again");
                }
                reply.send(n);
            }
            Job::Parse(text, reply) => reply.send(text.parse()),
            Job::RequestId(reply) => {
                reply.send(Context::current().request_id().map(|id| id.to_string()));
            }
            Job::Hold(gate) => {
                gate.cancelled().await;
                self.log.add(format!("{} held", self.number));
            }
            Job::HoldThenPanic(gate) => {
                gate.cancelled().await;
                panic!("told to panic later");
            }
            Job::Hang(_reply) => pending().await,
            Job::Fail(_reply) => return Err("told to fail"),
            Job::Die => panic!("told to die"),
            Job::Panic(_reply) => panic!("told to panic"),
        }
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.log.add(format!("{} gone", self.number));
    }
}

/// Where a pool runs, in one order of tasks.
pub(crate) struct Stage {
    pub(crate) seed: u64,
    pub(crate) executor: Executor,
    pub(crate) clock: VirtualClock,
    pub(crate) log: Log,
}

impl Stage {
    pub(crate) fn new(seed: u64) -> Self {
        let (clock, log) = (VirtualClock::new(), Log::default());
        Self { seed, executor: Executor::new(seed), clock, log }
    }

    /// Runs `future` and all else until nothing is left to do; its output if it is done.
    pub(crate) fn settle<F: Future + 'static>(&self, future: F) -> Option<F::Output> {
        self.executor.settle(future)
    }

    /// The numbers of a member that is busy and of one that is idle.
    #[track_caller]
    pub(crate) fn busy_and_idle(&self, pool: &ActorPool<Job>) -> (u32, u32) {
        let members = pool.members();
        let find = |state| {
            let found = members.iter().find(|member| member.state == state);
            found.and_then(|member| member.id.index).expect("one of them") as u32
        };
        (find(MemberState::Busy), find(MemberState::Idle))
    }
}
