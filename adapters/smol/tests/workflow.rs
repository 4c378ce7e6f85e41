//! A workflow with parallel steps and a checkpointed actor, in processes that are killed.
#![cfg(unix)]

use core::time::Duration;
use futures_util::future::join3;
use klaw::{
    Workflow,
    checkpoint::{Persist, PersistError, SharedStore, Writer, key_hash},
    context::ThreadEntropy,
    durable::{Checkpoint, CheckpointError, Checkpointed, serve_checkpointed},
    workflow::{Opened, StepContext, WorkflowError},
};
use klaw_smol::{Actor, ActorRef, Ctx, Reply, Runtime, SmolClock};
use klaw_std::{FileCheckpointer, JournalError, StoreError, WithSystemTime, WorkflowStore};
use std::{
    collections::HashSet,
    error::Error,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

/// What the actor keeps: the rounds it has counted, and their sum.
#[derive(Default)]
struct Sum {
    rounds: u64,
    sum: u64,
}

impl Persist for Sum {
    const TYPE: &'static str = "sum";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"rounds u64, sum u64");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&self.rounds.to_le_bytes());
        out.write(&self.sum.to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        let 1 = version else { return Err(PersistError::TooOld { found: version }) };
        let (rounds, sum) = bytes.split_first_chunk().ok_or(PersistError::Malformed)?;
        Ok(Self { rounds: u64::from_le_bytes(*rounds), sum: u64::from_le_bytes(sum.try_into()?) })
    }
}

/// Counts `n` for this round, unless that is done, and answers with the sum when it is kept.
struct Add {
    round: u64,
    n: u64,
    reply: Reply<u64>,
}

struct Ledger {
    sum: Sum,
    waiting: Vec<(u64, Reply<u64>)>,
}

impl Actor for Ledger {
    type Msg = Add;
    type Error = CheckpointError<StoreError>;

    async fn handle(
        &mut self,
        Add { round, n, reply }: Add,
        _: &mut Ctx<'_, Add>,
    ) -> Result<(), Self::Error> {
        // A step that ran and was not recorded comes again: it has the same round.
        if round == self.sum.rounds {
            self.sum.rounds += 1;
            self.sum.sum += n;
        }
        self.waiting.push((self.sum.sum, reply));
        Ok(())
    }
}

impl Checkpointed for Ledger {
    type State = Sum;

    fn state(&self) -> &Sum {
        &self.sum
    }

    fn save_now(&self) -> bool {
        true
    }

    fn saved(&mut self) {
        for (sum, reply) in self.waiting.drain(..) {
            reply.send(sum);
        }
    }
}

fn ledger(runtime: &Runtime, path: &Path) -> ActorRef<Add> {
    let store = SharedStore::new(FileCheckpointer::open(path).unwrap());
    let checkpoint = Checkpoint::new(store, "ledger", SmolClock, vec![0; 64]);
    let incarnation = move |me| {
        let make = |saved: Option<Sum>| Ledger { sum: saved.unwrap_or_default(), waiting: vec![] };
        serve_checkpointed(make, me, checkpoint.clone())
    };
    runtime.spawn_actor(incarnation).name("ledger").start().unwrap()
}

/// Says in a file that the step ran, and on standard output.
///
/// Both survive a kill of this process: it is the kernel that has them.
fn ran(effects: &Path, step: &str, cx: StepContext) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(effects)?;
    file.write_all(format!("{step} {}\n", cx.idempotency_key()).as_bytes())?;
    writeln!(io::stdout(), "ran {step}")
}

/// Each round takes three steps at once, and one that tells the actor what they gave.
async fn code<L, C>(
    wf: Workflow<L, C>,
    ledger: &ActorRef<Add>,
    effects: &Path,
) -> Result<u64, Box<dyn Error>>
where
    L: klaw::workflow::Log<Error: Send + Sync>,
{
    let rounds: u64 = wf.input()?;
    let mut sum = 0;
    for round in 0..rounds {
        let part = |n: u64| {
            wf.step("part", &round, move |cx| async move {
                ran(effects, &format!("part[{round}-{n}]#1"), cx)?;
                // The others go on meanwhile.
                smol::future::yield_now().await;
                Ok::<_, io::Error>(round * 10 + n)
            })
            .key(format_args!("{round}-{n}"))
        };
        let (a, b, c) = join3(part(1), part(2), part(3)).await;
        let n = a? + b? + c?;
        let told = wf.step("tell", &n, move |cx| async move {
            ran(effects, &format!("tell#{}", round + 1), cx)?;
            ledger.ask(|reply| Add { round, n, reply }).await.map_err(io::Error::other)
        });
        sum = told.await?;
    }
    Ok(sum)
}

/// Rounds of one workflow.
const ROUNDS: u64 = 40;

/// Runs the workflow `id` in `dir` to its end.
fn run(dir: &Path, id: &str) -> u64 {
    let runtime = Runtime::new().unwrap();
    let ledger = ledger(&runtime, &dir.join(format!("{id}.ledger")));
    let (store, effects) = (WorkflowStore::new(dir), dir.join(format!("{id}.effects")));
    let workflow = Workflow::open(&store, id, &ROUNDS).strict();
    // Also said if it turns out to be finished.
    println!("\nbegins");
    let run = workflow.run(WithSystemTime(SmolClock), &mut ThreadEntropy, async |wf| {
        code(wf, &ledger, &effects).await
    });
    let output = runtime.block_on(run).unwrap();
    runtime.shutdown();
    output
}

/// Names the directory and the workflow that a child process of this test is to work on.
const CHILD: &str = "KLAW_TEST_WORKFLOW";

/// The child.
#[test]
fn run_until_killed() {
    let Ok(work) = std::env::var(CHILD) else { return };
    let (dir, id) = work.rsplit_once(':').unwrap();
    writeln!(io::stdout(), "\nresult {}", run(Path::new(dir), id)).unwrap();
}

/// The child that stays in the middle of a step until it is told to go on.
#[test]
fn hold_until_told() {
    let Ok(dir) = std::env::var(CHILD) else { return };
    let store = WorkflowStore::new(dir);
    let workflow = Workflow::open(&store, "held", &ROUNDS);
    let run = workflow.run(WithSystemTime(SmolClock), &mut ThreadEntropy, async |wf| {
        let step = wf.step("hold", &(), async |_| {
            writeln!(io::stdout(), "\nholding")?;
            io::stdin().read_exact(&mut [0])?;
            Ok::<_, io::Error>(1_u64)
        });
        Ok::<_, Box<dyn Error>>(step.await?)
    });
    smol::block_on(run).unwrap();
}

fn child(test: &str, work: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, work)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Which steps ran, in order.
fn effects(dir: &Path, id: &str) -> Vec<String> {
    let text = fs::read_to_string(dir.join(format!("{id}.effects"))).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn step_of(effect: &str) -> &str {
    effect.split_once(' ').unwrap().0
}

#[test]
fn kill_9_runs_no_recorded_step_again_and_changes_no_result() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let expected = run(dir, "whole");
    assert_eq!(expected, (0..ROUNDS).map(|round| 30 * round + 6).sum());
    let steps = effects(dir, "whole");
    assert_eq!(steps.len() as u64, 4 * ROUNDS);

    let store = WorkflowStore::new(dir);
    let (mut kills, mut in_the_middle, mut again, mut workflows) = (0, 0, 0, 0);
    while kills < 200 {
        let id = format!("w{workflows}");
        workflows += 1;
        let mut recorded = HashSet::new();
        let result = loop {
            let before = effects(dir, &id).len();
            let mut child = child("run_until_killed", &format!("{}:{id}", dir.display()));
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let mut lines = lines.map(Result::unwrap);
            lines.find(|line| line == "begins").expect("the child must get started");
            // It is killed after some steps, in the middle of whatever comes next, unless it is done.
            let (mut steps, mut result) = (kills % 7, None);
            while result.is_none() && steps > 0 {
                let line = lines.next().expect("it says its result before it ends");
                steps -= usize::from(line.starts_with("ran "));
                result = line.strip_prefix("result ").map(str::to_owned);
            }
            child.kill().unwrap();
            // What it had said before it died counts as well.
            let late = lines.find_map(|line| Some(line.strip_prefix("result ")?.to_owned()));
            let result = result.or(late).map(|result| result.parse::<u64>().unwrap());
            child.wait().unwrap();

            let effects = effects(dir, &id);
            for effect in &effects[before..] {
                assert!(!recorded.contains(step_of(effect)), "{effect} was recorded and ran again");
            }
            let history = store.history(&id).unwrap();
            let now: HashSet<String> = history.steps().map(|step| step.to_string()).collect();
            assert!(recorded.is_subset(&now), "what was recorded stays");
            recorded = now;
            if let Some(result) = result {
                break result;
            }
            kills += 1;
            in_the_middle += usize::from(effects.len() > before);
        };
        assert_eq!(result, expected);
        assert_eq!(recorded.len() as u64, 4 * ROUNDS);
        // Every step ran, those that a kill hit before they were recorded ran again, with the same key.
        let all = effects(dir, &id);
        let keys: HashSet<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(keys.len() as u64, 4 * ROUNDS);
        again += all.len() - keys.len();
        assert_eq!(
            keys.iter().map(|effect| step_of(effect)).collect::<HashSet<_>>().len(),
            keys.len()
        );
        // And once more, without running anything.
        assert_eq!(run(dir, &id), expected);
        assert_eq!(effects(dir, &id), all);
    }
    println!(
        "{kills} kills, {in_the_middle} behind a step, {again} steps ran again, {workflows} workflows"
    );
    assert!(in_the_middle > 100 && again > 0, "the kills must hit");
}

#[test]
fn a_second_process_is_told_that_the_workflow_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    let mut child = child("hold_until_told", dir.path().to_str().unwrap());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line == "holding").expect("the child must get started");
    let open = || {
        let open = Workflow::open(&store, "held", &ROUNDS);
        smol::block_on(open.start(WithSystemTime(SmolClock), &mut ThreadEntropy))
    };
    let busy = open().unwrap_err();
    assert!(matches!(busy, WorkflowError::Store(JournalError::Busy { .. })), "{busy:?}");
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success());
    let Opened::Finished(finished) = open().unwrap() else { panic!("it is finished") };
    assert_eq!(finished.output(), Ok(1_u64));
}

/// A workflow and its futures may be sent to other threads, if what it is made of can be.
#[test]
fn a_workflow_can_be_spawned() {
    let dir = tempfile::tempdir().unwrap();
    let store = WorkflowStore::new(dir.path());
    let runtime = Runtime::new().unwrap();
    let workflow = async move {
        let open = Workflow::open(&store, "sent", &1_u64);
        let run = open.run(WithSystemTime(SmolClock), &mut ThreadEntropy, |wf| async move {
            let policy = klaw::retry(klaw::Backoff::constant(Duration::ZERO));
            let step = wf.step("a", &(), async |_| Ok::<_, io::Error>(4_u64)).retry(policy).key(1);
            let step = step.await.map_err(|error| error.to_string())?;
            wf.sleep("a moment", Duration::from_millis(1))
                .await
                .map_err(|error| error.to_string())?;
            Ok::<_, Failed>(step)
        });
        run.await.map_err(|Failed(why)| why)
    };
    let task = runtime.submit(workflow).unwrap();
    assert_eq!(runtime.block_on(async { task.await }).unwrap().unwrap(), 4);
    runtime.shutdown();
}

struct Failed(String);

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl From<WorkflowError<JournalError>> for Failed {
    fn from(error: WorkflowError<JournalError>) -> Self {
        Self(error.to_string())
    }
}
