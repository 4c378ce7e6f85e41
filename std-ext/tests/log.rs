//! Logging: what is shown, with which ids, and who may veto it.

use futures_util::future::join;
use klaw::{
    Context, Entropy, Key, Restart, Strategy, Supervisor,
    context::{TraceFlags, task_span},
    task,
};
use klaw_std::{
    CpuPool,
    log::{self, AlreadySet, Hooks, Level, Verdict, WithIds},
};
use std::{
    io,
    num::NonZeroUsize,
    process::{Command, Output},
    sync::{Arc, Mutex},
};
use tracing::{Subscriber, debug, error, info, info_span};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    fmt::{self as lines, MakeWriter, format::FmtSpan},
    layer::{self, SubscriberExt},
    registry,
};

static TENANT: Key<u32> = Key::new("tenant");

/// Lines that were written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn take(&self) -> Vec<String> {
        let text = String::from_utf8(core::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        text.lines().map(str::to_owned).collect()
    }

    /// A subscriber that writes here what passes `hooks`.
    fn subscriber(&self, level: LevelFilter, hooks: Hooks) -> impl Subscriber + Send + Sync {
        let format = WithIds::new(lines::format().without_time());
        let lines = lines::layer().event_format(format).with_ansi(false).with_writer(self.clone());
        registry().with(level).with(hooks).with(lines)
    }
}

/// Always the same numbers.
struct Seeded(u64);

impl Entropy for Seeded {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

fn traced(request: &str) -> Context {
    Context::empty().with(|c| c.request_id(request).new_trace(TraceFlags::SAMPLED, &mut Seeded(0)))
}

/// A crate that knows nothing of klaw.
mod foreign {
    pub(crate) fn work() {
        tracing::info!(rows = 3, "queried");
    }
}

/// Runs one of the functions below, which are no tests by themselves, as a process of its own.
fn process(name: &str) -> Output {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1", "--quiet"])
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(stdout.contains("1 passed"), "{stdout}");
    output
}

/// Something that klaw has a warning for.
fn fail_once() {
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child("unlucky", Restart::Never, || task(async { Err::<(), _>("on purpose") }));
    let clock = clock::Stopped;
    smol::block_on(traced("r-9").run(supervisor.run(&clock))).unwrap();
}

/// A clock that stands still, for what needs no time.
mod clock {
    use core::{
        pin::Pin,
        task::{Context, Poll},
    };
    use klaw::{Clock, Instant, Sleep};

    #[derive(Clone)]
    pub(crate) struct Stopped;

    pub(crate) struct Never;

    impl Clock for Stopped {
        type Sleep = Never;

        fn now(&self) -> Instant {
            Instant::EPOCH
        }

        fn sleep_until(&self, _: Instant) -> Never {
            Never
        }
    }

    impl Sleep for Never {
        fn reset(self: Pin<&mut Self>, _: Instant) {}
    }

    impl Future for Never {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Pending
        }
    }
}

#[test]
#[ignore = "a process of its own"]
fn process_without_subscriber() {
    fail_once();
}

#[test]
#[ignore = "a process of its own"]
fn process_with_subscriber() {
    log::init(Level::Warn).unwrap();
    info!("not of this level");
    fail_once();
}

#[test]
#[ignore = "a process of its own"]
fn process_that_sets_twice() {
    assert_eq!(log::init(Level::Warn), Ok(()));
    assert_eq!(log::init(Level::Trace), Err(AlreadySet));
    let seen = Hooks::new().hook(|_, _| panic!("a hook that was never installed"));
    assert_eq!(log::init_with(Level::Trace, seen), Err(AlreadySet));
    info!("still not of this level");
    error!("the first one counts");
}

#[test]
#[ignore = "a process of its own"]
fn process_whose_hook_emits() {
    // Only a global subscriber is without tracing's own guard against recursion.
    let hooks = Hooks::new().hook(|_, _| {
        info!("hooked");
        Verdict::Veto
    });
    log::init_with(Level::Info, hooks).unwrap();
    Context::empty().with(|c| c.request_id("r-1")).enter(|| {
        info!("once");
        info!("twice");
    });
}

#[test]
fn l1_klaw_is_silent_by_default() {
    let silent = process("process_without_subscriber");
    assert_eq!(String::from_utf8(silent.stderr).unwrap(), "");
    assert!(!String::from_utf8(silent.stdout).unwrap().contains("unlucky"));
    // The same is shown when that is asked for.
    let shown = process("process_with_subscriber");
    let shown = String::from_utf8(shown.stderr).unwrap();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 1, "{shown}");
    assert!(lines[0].contains("WARN klaw: failed child=unlucky"), "{shown}");
    assert!(lines[0].contains(" request_id=r-9 trace_id=0"), "{shown}");
}

#[test]
fn l2_to_init_twice_is_an_error_and_no_panic() {
    let output = process("process_that_sets_twice");
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert!(shown.contains("ERROR log: the first one counts\n"), "{shown}");
}

#[test]
fn l2_a_level_that_there_is_not_is_named() {
    let levels = ["off", "error", "warn", "info", "debug", "trace"].map(str::parse::<Level>);
    assert!(levels.is_sorted_by_key(|level| *level.as_ref().unwrap()));
    assert_eq!("WaRn".parse(), Ok(Level::Warn));
    for text in ["loud", "", " info", "3"] {
        let error = text.parse::<Level>().unwrap_err();
        assert_eq!(error.text(), text);
        let said = error.to_string();
        assert!(said.contains(&format!("{text:?}")) && said.contains("off, error"), "{said}");
    }
}

#[test]
fn l3_events_inside_a_task_carry_the_ids() {
    let lines = Lines::default();
    let context = traced("r-1");
    let ids = format!(
        " request_id=r-1 trace_id={} span_id={}",
        context.trace_id().unwrap(),
        context.span_id().unwrap()
    );
    tracing::subscriber::with_default(lines.subscriber(LevelFilter::INFO, Hooks::new()), || {
        info!("before");
        smol::block_on(context.run(async {
            info!(x = 1, "inside");
            foreign::work();
            smol::future::yield_now().await;
            info_span!("part", y = 2).in_scope(|| info!("first\nsecond"));
        }));
        foreign::work();
    });
    assert_eq!(
        lines.take(),
        [
            " INFO log: before".to_owned(),
            format!(" INFO log: inside x=1{ids}"),
            format!(" INFO log::foreign: queried rows=3{ids}"),
            " INFO part{y=2}: log: first".to_owned(),
            format!("second{ids}"),
            " INFO log::foreign: queried rows=3".to_owned(),
        ]
    );
}

#[test]
fn l3_tasks_and_jobs_have_span_ids_of_their_own() {
    let lines = Lines::default();
    let dispatch: tracing::Dispatch = lines.subscriber(LevelFilter::INFO, Hooks::new()).into();
    let pool = CpuPool::new(NonZeroUsize::MIN).unwrap();
    let context = traced("r-1");
    let job = || {
        let dispatch = dispatch.clone();
        pool.run(move || {
            tracing::dispatcher::with_default(&dispatch, foreign::work);
            Context::current()
        })
    };
    let (one, two) = context.enter(|| (job(), job()));
    // Who waits for a job has nothing to do with its context.
    let (one, two) = smol::block_on(traced("r-2").run(join(one, two)));
    let (one, two) = (one.unwrap(), two.unwrap());
    for job in [&one, &two] {
        assert_eq!(job.request_id(), Some("r-1"));
        assert_eq!(job.parent_span_id(), context.span_id());
    }
    assert_ne!(one.span_id(), two.span_id());
    let shown = lines.take();
    let end = |job: &Context| format!(" span_id={}", job.span_id().unwrap());
    assert!(shown[0].ends_with(&end(&one)) && shown[1].ends_with(&end(&two)), "{shown:?}");
}

#[test]
fn l3_an_id_from_outside_cannot_forge_a_line() {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.subscriber(LevelFilter::INFO, Hooks::new()), || {
        for id in ["a\nERROR forged", "a trace_id=1", "", "\u{1b}[31m", "a=\"b\""] {
            Context::empty().with(|c| c.request_id(id)).enter(|| info!("x"));
        }
    });
    assert_eq!(
        lines.take(),
        [
            r#" INFO log: x request_id="a\nERROR forged""#,
            r#" INFO log: x request_id="a trace_id=1""#,
            r#" INFO log: x request_id="""#,
            r#" INFO log: x request_id="\u{1b}[31m""#,
            r#" INFO log: x request_id="a=\"b\"""#,
        ]
    );
}

#[test]
fn l3_other_layers_can_read_the_context() {
    struct Reads(Arc<Mutex<Vec<Option<u32>>>>);
    impl<S: Subscriber> Layer<S> for Reads {
        fn on_event(&self, _: &tracing::Event<'_>, _: layer::Context<'_, S>) {
            self.0.lock().unwrap().push(Context::current().get(&TENANT).copied());
        }
    }
    let seen = Arc::new(Mutex::new(vec![]));
    tracing::subscriber::with_default(registry().with(Reads(Arc::clone(&seen))), || {
        foreign::work();
        Context::empty().with(|c| c.set(&TENANT, 7)).enter(foreign::work);
    });
    assert_eq!(*seen.lock().unwrap(), [None, Some(7)]);
}

#[test]
fn l4_hooks_see_event_and_context_and_may_veto() {
    let (lines, seen) = (Lines::default(), Arc::new(Mutex::new(vec![])));
    let (first, second) = (Arc::clone(&seen), Arc::clone(&seen));
    let hooks = Hooks::new()
        .hook(move |event, context| {
            let request = context.request_id().map(str::to_owned);
            first.lock().unwrap().push((1, event.metadata().target().to_owned(), request));
            let foreign = event.metadata().target() == "log::foreign";
            if foreign && context.is_empty() { Verdict::Veto } else { Verdict::Keep }
        })
        .hook(move |event, _| {
            second.lock().unwrap().push((2, event.metadata().target().to_owned(), None));
            Verdict::Keep
        });
    tracing::subscriber::with_default(lines.subscriber(LevelFilter::INFO, hooks), || {
        foreign::work();
        debug!("not of this level");
        Context::empty().with(|c| c.request_id("r-1")).enter(foreign::work);
    });
    assert_eq!(lines.take(), [" INFO log::foreign: queried rows=3 request_id=r-1"]);
    let target = || "log::foreign".to_owned();
    let request = Some("r-1".to_owned());
    assert_eq!(
        *seen.lock().unwrap(),
        [(1, target(), None), (1, target(), request), (2, target(), None)]
    );
}

#[test]
fn l4_what_a_hook_emits_goes_past_the_hooks() {
    let shown = String::from_utf8(process("process_whose_hook_emits").stderr).unwrap();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 2, "{shown}");
    assert!(lines.iter().all(|line| line.ends_with(" INFO log: hooked request_id=r-1")), "{shown}");
}

#[test]
fn l5_what_is_disabled_is_not_even_evaluated() {
    let lines = Lines::default();
    let hooks = Hooks::new().hook(|_, _| panic!("a hook saw what is disabled"));
    tracing::subscriber::with_default(lines.subscriber(LevelFilter::OFF, hooks), || {
        error!(value = never(), "disabled");
    });
    assert_eq!(lines.take(), [""; 0]);

    fn never() -> u32 {
        panic!("a field of a disabled event was evaluated")
    }
}

#[test]
fn l5_without_the_features_there_is_no_dependency() {
    let tree = |args: &[&str]| {
        let cargo = Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["tree", "--edges", "normal,build", "--prefix", "none", "--package"])
            .args(args)
            .output()
            .unwrap();
        assert!(cargo.status.success(), "{cargo:?}");
        String::from_utf8(cargo.stdout).unwrap()
    };
    let has = |tree: &str, name: &str| tree.lines().any(|line| line.starts_with(name));
    let core = tree(&["klaw"]);
    assert!(has(&core, "futures-core") && !has(&core, "tracing"), "{core}");
    assert!(has(&tree(&["klaw", "--features", "tracing"]), "tracing"));
    let std = tree(&["klaw-std"]);
    assert!(has(&std, "rayon-core") && !has(&std, "tracing-subscriber"), "{std}");
    assert!(has(&tree(&["klaw-std", "--features", "log"]), "tracing-subscriber"));
}

#[test]
fn x9_a_disabled_task_span_does_not_cut_the_parent() {
    for (level, expected) in [
        (LevelFilter::INFO, " INFO request: log: inside"),
        (LevelFilter::DEBUG, r#" INFO request:task{name="worker"}: log: inside"#),
    ] {
        let lines = Lines::default();
        let subscriber = registry().with(level).with(
            lines::layer()
                .event_format(lines::format().without_time())
                .with_span_events(FmtSpan::NONE)
                .with_ansi(false)
                .with_writer(lines.clone()),
        );
        tracing::subscriber::with_default(subscriber, || {
            let span = info_span!("request").in_scope(|| task_span("worker"));
            // Elsewhere, as a task is.
            span.in_scope(|| info!("inside"));
        });
        assert_eq!(lines.take(), [expected]);
    }
}
