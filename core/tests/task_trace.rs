//! Rule X9: what a task emits is inside a span `task` with its name, below the span of who started it.

mod executor;
mod virtual_clock;

use core::{fmt, num::NonZeroUsize};
use executor::{Executor, Spawner};
use klaw::{AsyncLru, Runtime, SpawnBlocking, SpawnError, scope, task::BlockingJob};
use std::sync::{Arc, Mutex};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    info, info_span,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
    util::SubscriberInitExt,
};
use virtual_clock::VirtualClock;

/// Writes down each event with the spans around it, the outermost first.
#[derive(Clone)]
struct Notes {
    seen: Arc<Mutex<Vec<String>>>,
    most: Level,
}

/// What a span is called: its name, and its field `name`.
struct Called(String);

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!("{value:?}");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Notes {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.most
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut text = Text::default();
        attributes.record(&mut text);
        let called = Called(format!("{}{}", attributes.metadata().name(), text.0));
        context.span(id).expect("it is new").extensions_mut().insert(called);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = String::new();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            line += &span.extensions().get::<Called>().expect("it was made").0;
            line += " > ";
        }
        let mut text = Text::default();
        event.record(&mut text);
        self.seen.lock().unwrap().push(line + &text.0);
    }
}

/// What was written down while `f` ran, in order of the text.
fn noted(most: Level, f: impl FnOnce()) -> Vec<String> {
    let notes = Notes { seen: Arc::default(), most };
    let shown = Registry::default().with(notes.clone()).set_default();
    f();
    drop(shown);
    let mut seen = notes.seen.lock().unwrap();
    seen.sort();
    core::mem::take(&mut *seen)
}

/// Emits when it is dropped.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        info!("dropped");
    }
}

/// Runs each job at the place where it is started.
#[derive(Clone)]
struct AtOnce;

impl SpawnBlocking<BlockingJob> for AtOnce {
    fn spawn_blocking(&self, job: BlockingJob) -> Result<(), SpawnError<BlockingJob>> {
        job();
        Ok(())
    }
}

#[test]
fn x9_an_event_is_inside_the_span_of_its_task() {
    let seen = noted(Level::DEBUG, || {
        let executor = Executor::new(1);
        let tasks = klaw::Executor::new(executor.spawner());
        let _handle = info_span!("request").in_scope(|| {
            let task = tasks.task("named");
            task.on_exit(|_| info!("hook"))
                .submit(async {
                    let _dropped = Dropped;
                    info!("run");
                })
                .unwrap()
        });
        let _abandoned = tasks.submit(async {
            let _dropped = Dropped;
            info!("waits");
            core::future::pending::<()>().await;
        });
        // Who polls it is not where it belongs to.
        info_span!("executor").in_scope(|| {
            executor.run();
            info!("outside");
            executor.shut_down();
        });
    });
    assert_eq!(
        seen,
        [
            "executor > outside",
            "request > task\"named\" > dropped",
            "request > task\"named\" > hook",
            "request > task\"named\" > run",
            "task\"task\" > dropped",
            "task\"task\" > waits",
        ]
    );
}

#[test]
fn x9_a_level_that_is_off_does_not_cut_the_parent() {
    let seen = noted(Level::INFO, || {
        let executor = Executor::new(1);
        let tasks = klaw::Executor::new(executor.spawner());
        let _handle = info_span!("request").in_scope(|| tasks.submit(async { info!("run") }));
        executor.run();
    });
    assert_eq!(seen, ["request > run"]);
}

#[test]
fn x9_so_it_is_with_maps_jobs_and_what_a_scope_starts() {
    let seen = noted(Level::DEBUG, || {
        let executor = Executor::new(1);
        let tasks = klaw::Executor::new(executor.spawner()).with_pool(AtOnce);
        let rt = Runtime::new(executor.spawner(), VirtualClock::new());
        info_span!("request").in_scope(|| {
            let dropped = Dropped;
            let job = move |_| {
                let _dropped = &dropped;
                info!("job");
            };
            tasks.task("named job").submit_blocking(job).map(drop).unwrap();
            let width = NonZeroUsize::MIN;
            let map = tasks.map(0..2, |n| async move { info!("item {n}") }).width(width);
            let cpu = tasks.map_cpu(0..2, |n| info!("computed {n}")).width(width);
            let body = async |s: &klaw::Scope<Spawner, VirtualClock>| {
                let _child = s.spawn(async { info!("child") }).unwrap();
                s.defer(async {
                    let _dropped = Dropped;
                    info!("cleanup");
                })
                .unwrap();
            };
            let all = tasks.submit(async move {
                map.await;
                cpu.await;
                scope(&rt).run(body).await.unwrap();
            });
            executor.run();
            assert!(!all.unwrap().is_running());
        });
    });
    assert_eq!(
        seen,
        [
            "request > task\"named job\" > dropped",
            "request > task\"named job\" > job",
            "request > task\"task\" > task\"cleanup\" > cleanup",
            "request > task\"task\" > task\"cleanup\" > dropped",
            "request > task\"task\" > task\"map\" > computed 0",
            "request > task\"task\" > task\"map\" > computed 1",
            "request > task\"task\" > task\"map\" > item 0",
            "request > task\"task\" > task\"map\" > item 1",
            "request > task\"task\" > task\"task\" > child",
        ]
    );
}

#[test]
fn x9_a_load_of_the_cache_is_a_task_of_the_caller_who_began_it() {
    let seen = noted(Level::DEBUG, || {
        let executor = Executor::new(1);
        let capacity = NonZeroUsize::MIN;
        let cache = AsyncLru::new(executor.spawner(), VirtualClock::new(), capacity);
        let loaded = executor.start(async move {
            let load = || async {
                let _dropped = Dropped;
                info!("load");
                Ok::<_, ()>(7)
            };
            // As a web framework does it: the span is that of the poll.
            let mut asked = core::pin::pin!(cache.get_or_load(&1, load));
            let poll = |cx: &mut core::task::Context<'_>| {
                info_span!("request").in_scope(|| asked.as_mut().poll(cx))
            };
            core::future::poll_fn(poll).await
        });
        executor.run();
        assert_eq!(loaded.take().unwrap().unwrap(), 7);
    });
    assert_eq!(seen, ["request > task\"load\" > dropped", "request > task\"load\" > load"]);
}
