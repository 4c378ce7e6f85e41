//! Pools of actors: routes, budgets, sizes and ends, in many orders of tasks.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod virtual_clock;
mod workers;

use by_hand::ByHand;
use core::{task::Poll, time::Duration};
use executor::Executor;
use klaw::{
    AskError, CancelToken, Restart, Runtime, SendError, TrySendError,
    pool::{MemberState, PoolClosed, Route},
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use virtual_clock::VirtualClock;
use workers::{Job, Log, Stage, Worker, observer};

const SEEDS: u64 = if cfg!(miri) { 1 } else { 16 };

const ROUTES: [Route; 3] = [Route::Shared, Route::RoundRobin, Route::LeastLoaded];

/// Starts a pool on a stage, with these calls of its builder.
macro_rules! pool {
    ($stage:ident, $members:literal $(=> $($with:tt)*)?) => {{
        let log = $stage.log.clone();
        Runtime::new($stage.executor.spawner(), $stage.clock.clone())
            .spawn_pool($members, move |member| {
                let worker = Worker::new(&log, member.number());
                member.serve(worker)
            })
            .name("workers")
            $($($with)*)?
            .start()
            .unwrap()
    }};
}

/// Declares tests that run in many orders of tasks.
macro_rules! in_many_orders {
    ($($(#[$meta:meta])* fn $name:ident($stage:ident) $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            for seed in 0..SEEDS {
                let $stage = Stage::new(seed);
                $body
            }
        }
    )*};
}

// Routes.

in_many_orders! {
    fn with_a_shared_queue_nothing_waits_behind_a_long_message(stage) {
        let pool = pool!(stage, 2);
        let gate = CancelToken::new();
        pool.try_send(Job::Hold(gate.clone())).unwrap();
        stage.executor.run();
        (0..10).for_each(|n| pool.try_send(Job::Note(n)).unwrap());
        stage.executor.run();
        let (held, other) = stage.busy_and_idle(&pool);
        let expected: Vec<_> = (0..10).map(|n| (other, n)).collect();
        assert_eq!(stage.log.notes(), expected);
        assert_ne!(held, other);
        gate.cancel("go on");
    }

    fn a_member_that_is_busy_with_its_own_mailbox_keeps_no_place_at_the_shared_queue(stage) {
        for busy in [0, 1] {
            stage.log.clear();
            let pool = pool!(stage, 2);
            stage.executor.run();
            let gate = CancelToken::new();
            pool.members()[busy].actor.try_tell(Job::Hold(gate.clone())).unwrap();
            stage.executor.run();
            pool.try_send(Job::Note(7)).unwrap();
            stage.executor.run();
            assert_eq!(stage.log.notes(), [(1 - busy as u32, 7)]);
            gate.cancel("go on");
        }
    }

    fn round_robin_gives_to_one_after_the_other(stage) {
        let pool = pool!(stage, 3 => .route(Route::RoundRobin));
        (0..12).for_each(|n| pool.try_send(Job::Note(n)).unwrap());
        let depths: Vec<_> = pool.members().iter().map(|member| member.depth).collect();
        assert_eq!(depths, [4, 4, 4]);
        stage.executor.run();
        assert_eq!(stage.log.notes().len(), 12);
    }

    fn round_robin_passes_over_a_full_queue(stage) {
        let pool = pool!(stage, 2 => .route(Route::RoundRobin).capacity(1));
        let gate = CancelToken::new();
        pool.try_send(Job::Hold(gate.clone())).unwrap();
        stage.executor.run();
        let (held, other) = stage.busy_and_idle(&pool);
        for n in 0..7 {
            pool.try_send(Job::Note(n)).unwrap();
            stage.executor.run();
        }
        let notes = stage.log.notes();
        assert_eq!((notes.len(), notes.iter().all(|note| note.0 == other)), (6, true));
        gate.cancel("go on");
        stage.executor.run();
        assert_eq!(stage.log.notes().iter().filter(|note| note.0 == held).count(), 1);
    }

    fn the_least_loaded_is_chosen_counting_the_message_in_hand(stage) {
        let pool = pool!(stage, 3 => .route(Route::LeastLoaded));
        let gates = [CancelToken::new(), CancelToken::new()];
        for gate in &gates {
            pool.try_send(Job::Hold(gate.clone())).unwrap();
            stage.executor.run();
        }
        let idle = stage.busy_and_idle(&pool).1;
        for n in 0..5 {
            pool.try_send(Job::Note(n)).unwrap();
            stage.executor.run();
        }
        assert_eq!(stage.log.notes(), [0, 1, 2, 3, 4].map(|n| (idle, n)));
        gates.iter().for_each(|gate| assert!(gate.cancel("go on")));
    }

    fn a_key_stays_with_its_member_by_any_route(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 4 => .route(route));
            let send = pool.clone();
            stage.settle(async move {
                for n in 0..200_u32 {
                    send.send_by(&(n % 20), Job::Note(n % 20)).await.unwrap();
                }
            });
            let mut owners = BTreeMap::new();
            for (member, key) in stage.log.notes() {
                assert_eq!(*owners.entry(key).or_insert(member), member, "{route:?}");
            }
            let members: std::collections::BTreeSet<_> = owners.values().collect();
            assert_eq!(members.len(), 4, "20 keys among 4");
            let ask = pool.clone();
            let asked = stage.settle(async move { ask.ask_by(&7, Job::Who).await });
            assert_eq!(asked, Some(Ok(owners[&7])));
        }
    }

    fn a_broadcast_reaches_every_member_once_by_any_route(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 3 => .route(route));
            let send = pool.clone();
            let told = stage.settle(async move { send.broadcast(|| Job::Note(1)).await });
            let mut notes = stage.log.notes();
            notes.sort_unstable();
            assert_eq!((told, notes), (Some(Ok(3)), vec![(0, 1), (1, 1), (2, 1)]));
        }
    }

    fn a_full_member_holds_up_no_other_ones_broadcast(stage) {
        let pool = pool!(stage, 3 => .capacity(1));
        let gate = CancelToken::new();
        let first = pool.members().remove(0).actor;
        first.try_tell(Job::Hold(gate.clone())).unwrap();
        stage.executor.run();
        first.try_tell(Job::Note(0)).unwrap();
        let send = pool.clone();
        let told = stage.executor.start(async move { send.broadcast(|| Job::Note(1)).await });
        stage.executor.run();
        let mut notes = stage.log.notes();
        notes.sort_unstable();
        assert_eq!((told.is_ready(), notes), (false, vec![(1, 1), (2, 1)]));
        gate.cancel("go on");
        stage.executor.run();
        assert_eq!(told.take(), Some(Ok(3)));
    }

    fn a_refused_message_comes_back(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 1 => .route(route).capacity(1));
            let gate = CancelToken::new();
            pool.try_send(Job::Hold(gate.clone())).unwrap();
            stage.executor.run();
            pool.try_send(Job::Note(1)).unwrap();
            let full = pool.try_send(Job::Note(2));
            assert!(matches!(full, Err(TrySendError::Full(Job::Note(2)))), "{route:?}");
            drop(pool.stop_now());
            gate.cancel("go on");
            stage.executor.run();
            let closed = pool.try_send(Job::Note(3));
            assert!(matches!(closed, Err(TrySendError::Closed(Job::Note(3)))), "{route:?}");
            let sent = ByHand::new(pool.send(Job::Note(4))).ready();
            assert!(matches!(sent, Err(SendError(Job::Note(4)))), "{route:?}");
            let sent = ByHand::new(pool.send_by("key", Job::Note(5))).ready();
            assert!(matches!(sent, Err(SendError(Job::Note(5)))), "{route:?}");
            assert_eq!(ByHand::new(pool.broadcast(|| Job::Note(6))).ready(), Err(PoolClosed));
            assert_eq!(pool.resize(2), Err(PoolClosed));
        }
    }
}

// Failures.

in_many_orders! {
    fn a_failed_member_alone_is_restarted_and_the_queue_survives(stage) {
        for (route, bad) in ROUTES.into_iter().flat_map(|r| [(r, Job::Fail as fn(_) -> _), (r, Job::Panic)]) {
            stage.log.clear();
            let pool = pool!(stage, 2 => .route(route));
            let mut asked = ByHand::parked(pool.ask(bad));
            (0..6).for_each(|n| pool.try_send(Job::Note(n)).unwrap());
            stage.executor.run();
            assert_eq!((asked.wakes(), asked.ready()), (1, Err(AskError::NoReply)));
            let mut notes: Vec<_> = stage.log.notes().iter().map(|note| note.1).collect();
            notes.sort_unstable();
            assert_eq!(notes, [0, 1, 2, 3, 4, 5], "{route:?}");
            let mut restarts: Vec<_> = pool.members().iter().map(|m| m.restarts).collect();
            restarts.sort_unstable();
            assert_eq!((restarts, pool.len()), (vec![0, 1], 2));
        }
    }

    fn the_old_incarnation_is_gone_before_the_new_one_starts(stage) {
        let pool = pool!(stage, 1 => .max_restarts(1).max_replacements(1));
        stage.executor.run();
        for _ in 0..3 {
            drop(ByHand::parked(pool.ask(Job::Panic)));
            stage.executor.run();
        }
        let life = ["0 up 0", "0 gone", "0 up 1", "0 gone", "0 up 2", "0 gone", "0 up 3"];
        assert_eq!(stage.log.lines(), life);
    }

    fn budgets_are_spent_in_order_and_told(stage) {
        let events = Log::default();
        let watch = observer(&events);
        let pool = pool!(stage, 1 => .max_restarts(1).max_replacements(1).observe(watch));
        for _ in 0..4 {
            drop(ByHand::parked(pool.ask(Job::Fail)));
            stage.executor.run();
        }
        assert_eq!(events.lines(), [
            "Started workers[0] 0",
            "Failed workers[0] 0 \"told to fail\"",
            "Restarting workers[0] 1",
            "Started workers[0] 1",
            "Failed workers[0] 1 \"told to fail\"",
            "Replaced workers[0] 2",
            "Started workers[0] 2",
            "Failed workers[0] 2 \"told to fail\"",
            "Restarting workers[0] 3",
            "Started workers[0] 3",
            "Failed workers[0] 3 \"told to fail\"",
            "Lost workers[0]",
            "Closed workers",
        ]);
        assert!(pool.is_closed() && pool.is_empty() && pool.members().is_empty());
    }

    fn budgets_come_back_when_their_windows_have_passed(stage) {
        let pool = pool!(stage, 1 => .max_restarts(1).restart_window(Duration::from_secs(1)).max_replacements(1).replacement_window(Duration::from_secs(10)));
        for (pause, restarts) in [(0, 1), (0, 0), (0, 1), (2, 1), (0, usize::MAX)] {
            stage.clock.advance(Duration::from_secs(pause));
            drop(ByHand::parked(pool.ask(Job::Fail)));
            stage.executor.run();
            let seen = pool.members().first().map_or(usize::MAX, |member| member.restarts);
            assert_eq!(seen, restarts);
        }
        let pool = pool!(stage, 1 => .max_restarts(0).max_replacements(1).replacement_window(Duration::from_secs(10)));
        for (pause, left) in [(0, 1), (11, 1), (9, 0)] {
            stage.clock.advance(Duration::from_secs(pause));
            drop(ByHand::parked(pool.ask(Job::Fail)));
            stage.executor.run();
            assert_eq!(pool.len(), left);
        }
    }

    fn a_replacement_takes_over_what_waits_in_its_place(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 1 => .route(route).max_restarts(0));
            let member = pool.members().remove(0).actor;
            member.try_tell(Job::Die).unwrap();
            member.try_tell(Job::Note(1)).unwrap();
            stage.executor.run();
            assert_eq!((stage.log.notes(), member.incarnations()), (vec![(0, 1)], 2));
        }
    }

    fn when_nobody_is_left_who_waits_is_told_at_once(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 1 => .route(route).capacity(2).max_restarts(0).max_replacements(0));
            let gate = CancelToken::new();
            pool.try_send(Job::HoldThenPanic(gate.clone())).unwrap();
            stage.executor.run();
            let mut queued = [ByHand::parked(pool.ask(Job::Who)), ByHand::parked(pool.ask(Job::Who))];
            let mut sender = ByHand::parked(pool.send(Job::Note(9)));
            let mut asker = ByHand::parked(pool.ask(Job::Who));
            let mut closed = ByHand::parked(pool.closed());
            gate.cancel("go on");
            stage.executor.run();
            for queued in &mut queued {
                assert_eq!((queued.wakes(), queued.ready()), (1, Err(AskError::NoReply)));
            }
            assert!(sender.is_woken() && asker.is_woken() && closed.is_woken(), "{route:?}");
            assert!(matches!(sender.ready(), Err(SendError(Job::Note(9)))));
            assert_eq!(asker.ready(), Err(AskError::Closed));
            closed.ready();
            assert_eq!(ByHand::new(pool.ask(Job::Who)).ready(), Err(AskError::Closed));
        }
    }

    fn a_lost_members_waiting_sender_goes_to_another_one(stage) {
        let pool = pool!(stage, 2 => .route(Route::RoundRobin).capacity(1).max_restarts(0).max_replacements(0));
        let (gate, other) = (CancelToken::new(), CancelToken::new());
        let members = pool.members();
        members[0].actor.try_tell(Job::HoldThenPanic(gate.clone())).unwrap();
        members[1].actor.try_tell(Job::Hold(other.clone())).unwrap();
        stage.executor.run();
        members.iter().for_each(|m| m.actor.try_tell(Job::Note(0)).unwrap());
        let mut waiting = [ByHand::parked(pool.send(Job::Note(1))), ByHand::parked(pool.send(Job::Note(2)))];
        gate.cancel("go on");
        stage.executor.run();
        other.cancel("go on");
        for _ in 0..3 {
            for woken in waiting.iter_mut().filter(|waiting| waiting.is_woken()) {
                assert!(matches!(woken.poll(), Poll::Pending | Poll::Ready(Ok(()))));
            }
            stage.executor.run();
        }
        let mut notes = stage.log.notes();
        notes.sort_unstable();
        assert_eq!(notes, [(1, 0), (1, 1), (1, 2)]);
    }

    fn a_hanging_member_is_killed_by_its_reference(stage) {
        let pool = pool!(stage, 2);
        let mut asked = ByHand::parked(pool.ask(Job::Hang));
        stage.executor.run();
        let held = stage.busy_and_idle(&pool).0;
        pool.members()[held as usize].actor.kill();
        stage.executor.run();
        assert_eq!(asked.ready(), Err(AskError::NoReply));
        assert_eq!(pool.members()[held as usize].restarts, 1);
        assert!(pool.members().iter().all(|member| member.state == MemberState::Idle));
    }

    fn a_member_that_is_stopped_alone_leaves_and_the_last_one_closes_the_pool(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 2 => .route(route).restart(Restart::Always));
            stage.executor.run();
            pool.members()[0].actor.stop();
            stage.executor.run();
            assert_eq!((pool.len(), pool.members()[0].id.index), (1, Some(1)));
            let ask = pool.clone();
            assert_eq!(stage.settle(async move { ask.ask(Job::Who).await }), Some(Ok(1)));
            pool.resize(3).unwrap();
            stage.executor.run();
            let numbers: Vec<_> = pool.members().iter().filter_map(|m| m.id.index).collect();
            assert_eq!(numbers, [1, 2, 3]);
            pool.members().iter().for_each(|member| member.actor.stop());
            stage.executor.run();
            ByHand::new(pool.closed()).ready();
        }
    }

    fn members_that_the_executor_refuses_are_failures(stage) {
        stage.executor.set_room(2);
        let pool = pool!(stage, 2);
        stage.executor.run();
        assert_eq!(pool.len(), 1, "one had room");
        let ask = pool.clone();
        stage.executor.set_room(1);
        assert!(matches!(stage.settle(async move { ask.ask(Job::Who).await }), Some(Ok(_))));
        stage.executor.close();
        drop(ByHand::parked(pool.ask(Job::Fail)));
        let mut asked = ByHand::parked(pool.ask(Job::Who));
        stage.executor.run();
        assert_eq!(asked.ready(), Err(AskError::NoReply));
        assert!(pool.is_closed());
    }

    fn an_executor_that_is_dropped_closes_the_pool(stage) {
        for route in ROUTES {
            let stage = Stage::new(stage.seed);
            let pool = pool!(stage, 2 => .route(route));
            stage.executor.run();
            let mut asked = [Job::Who as fn(_) -> _, Job::Hang].map(|job| ByHand::parked(pool.ask(job)));
            let mut closed = ByHand::parked(pool.closed());
            stage.executor.shut_down();
            for asked in &mut asked {
                assert_eq!(asked.ready(), Err(AskError::NoReply), "{route:?}");
            }
            closed.ready();
            assert_eq!(ByHand::new(pool.ask(Job::Who)).ready(), Err(AskError::Closed));
        }
    }
}

// Sizes and ends.

in_many_orders! {
    fn a_pool_grows_under_load(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 1 => .route(route));
            let gate = CancelToken::new();
            pool.try_send(Job::Hold(gate.clone())).unwrap();
            stage.executor.run();
            pool.resize(3).unwrap();
            stage.executor.run();
            assert_eq!(pool.len(), 3);
            let asks = pool.clone();
            let asked = stage.executor.start(async move { asks.map(0..20, Job::Echo).collect().await });
            stage.executor.run();
            assert!(asked.is_ready() || route != Route::Shared, "only there none waits behind it");
            gate.cancel("go on");
            stage.executor.run();
            if let Some(answers) = asked.take() {
                assert_eq!(answers, (0..20).map(Ok).collect::<Vec<_>>());
            }
        }
    }

    fn a_pool_that_shrinks_finishes_what_it_holds(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 4 => .route(route).capacity(100));
            let gates: Vec<_> = (0..4).map(|_| CancelToken::new()).collect();
            for (gate, member) in gates.iter().zip(pool.members()) {
                member.actor.try_tell(Job::Hold(gate.clone())).unwrap();
            }
            stage.executor.run();
            let mut asked: Vec<_> = (0..40).map(|n| ByHand::parked(pool.ask(move |r| Job::Echo(n, r)))).collect();
            pool.resize(1).unwrap();
            stage.executor.run();
            assert_eq!(pool.len(), 1);
            let leaving = pool.members().iter().filter(|m| m.state == MemberState::Leaving).count();
            assert_eq!(leaving, 3);
            let mut late = ByHand::parked(pool.ask(|r| Job::Echo(40, r)));
            assert_eq!(pool.members().iter().skip(1).map(|m| m.depth).sum::<usize>(), match route {
                Route::Shared => 0,
                _ => 30,
            });
            gates.iter().for_each(|gate| assert!(gate.cancel("go on")));
            stage.executor.run();
            for (n, asked) in (0..).zip(&mut asked) {
                assert_eq!(asked.ready(), Ok(n), "{route:?}");
            }
            assert_eq!(late.ready(), Ok(40));
            assert_eq!(pool.members().len(), 1);
        }
    }

    fn stop_drains_and_waits(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 2 => .route(route));
            (0..10).for_each(|n| pool.try_send(Job::Note(n)).unwrap());
            drop(ByHand::parked(pool.ask(Job::Panic)));
            (10..20).for_each(|n| pool.try_send(Job::Note(n)).unwrap());
            let mut stopped = ByHand::parked(pool.stop());
            assert!(matches!(pool.try_send(Job::Note(99)), Err(TrySendError::Closed(_))));
            stage.executor.run();
            stopped.ready();
            assert_eq!(stage.log.notes().len(), 20, "{route:?}");
            assert_eq!(stage.executor.tasks(), 0);
            let lines = stage.log.lines();
            assert_eq!(lines.iter().filter(|line| line.contains("gone")).count(), 3);
        }
    }

    fn stop_now_drops_what_waits_and_lets_the_messages_in_hand_finish(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 1 => .route(route));
            let gate = CancelToken::new();
            pool.try_send(Job::Hold(gate.clone())).unwrap();
            stage.executor.run();
            let mut asked = ByHand::parked(pool.ask(Job::Who));
            let mut stopped = ByHand::parked(pool.stop_now());
            stage.executor.run();
            assert_eq!((asked.ready(), stopped.poll().is_pending()), (Err(AskError::NoReply), true));
            gate.cancel("go on");
            stage.executor.run();
            stopped.ready();
            assert_eq!(stage.log.lines(), ["0 up 0", "0 held", "0 gone"]);
        }
    }

    fn a_hanging_stop_is_ended_by_killing(stage) {
        for route in ROUTES {
            stage.log.clear();
            let pool = pool!(stage, 1 => .route(route));
            pool.try_send(Job::HoldThenPanic(CancelToken::new())).unwrap();
            stage.executor.run();
            let mut stopped = ByHand::parked(pool.stop_now());
            stage.executor.run();
            assert!(stopped.poll().is_pending());
            pool.members()[0].actor.kill();
            stage.executor.run();
            stopped.ready();
            assert_eq!(stage.log.lines(), ["0 up 0", "0 gone"], "none is started for nothing");
        }
    }

    fn an_idle_pool_costs_nothing(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 8 => .route(route));
            stage.executor.run();
            let polls = stage.executor.polls();
            stage.clock.advance(Duration::from_secs(3600));
            stage.executor.run();
            assert_eq!((stage.executor.polls(), stage.clock.timers()), (polls, 0));
            pool.try_send(Job::Note(1)).unwrap();
            stage.executor.run();
            let more = stage.executor.polls() - polls;
            assert_eq!(more, 1, "the keeper and the others sleep on: {route:?}");
        }
    }
}

// Maps.

in_many_orders! {
    fn a_map_keeps_the_order_and_its_bound(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 3 => .route(route));
            let (open, most) = (Rc::new(RefCell::new(0_usize)), Rc::new(RefCell::new(0)));
            let (taken, peak) = (open.clone(), most.clone());
            let items = (0..50).inspect(move |_| {
                *taken.borrow_mut() += 1;
                let mut peak = peak.borrow_mut();
                *peak = (*peak).max(*taken.borrow());
            });
            let map = pool.clone();
            let answers = stage.settle(async move {
                let answered = |n, reply| Job::Count(n, open.clone(), reply);
                map.map(items, answered).collect().await
            });
            assert_eq!(answers, Some((0..50).map(Ok).collect()));
            assert!((1..=6).contains(&*most.borrow()), "{} open", most.borrow());
        }
    }

    fn a_map_retries_only_if_asked_and_so_often(stage) {
        let pool = pool!(stage, 2 => .max_restarts(usize::MAX));
        let failures = Rc::new(RefCell::new(BTreeMap::from([(3, 1), (5, 2), (7, 9)])));
        let mut given = vec![];
        for retries in [None, Some(0), Some(2)] {
            *failures.borrow_mut() = BTreeMap::from([(3, 1), (5, 2), (7, 9)]);
            let (pool, failures) = (pool.clone(), failures.clone());
            let answers = stage.settle(async move {
                let work = |n, reply| Job::FailAsLongAs(n, failures.clone(), reply);
                let map = pool.map(0..10, work);
                match retries {
                    None => map.collect().await,
                    Some(retries) => map.retries(retries).collect().await,
                }
            });
            let failed = answers.unwrap().iter().enumerate()
                .filter(|(at, answer)| **answer != Ok(*at as u32))
                .map(|(at, answer)| (at, *answer)).collect::<Vec<_>>();
            given.push(failed);
        }
        let none = Err(AskError::NoReply);
        assert_eq!(given, [vec![(3, none), (5, none), (7, none)], vec![(3, none), (5, none), (7, none)], vec![(7, none)]]);
        assert_eq!(failures.borrow()[&7], 6, "asked three times");
    }

    fn a_message_of_the_shared_queue_carries_its_senders_context(stage) {
        use klaw::Context;
        let pool = pool!(stage, 2);
        let ask = pool.clone();
        let request = Context::empty().with(|context| context.request_id("r-17"));
        let seen = stage.settle(request.run(async move { ask.ask(Job::RequestId).await }));
        assert_eq!(seen, Some(Ok(Some("r-17".to_owned()))));
    }
}

// What users of other pools complain of.

in_many_orders! {
    fn ray_50313_64646_one_dead_actor_wedges_the_pool(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 3 => .route(route).max_restarts(0).max_replacements(0));
            stage.executor.run();
            pool.members()[1].actor.kill();
            stage.executor.run();
            let map = pool.clone();
            let answers = stage.settle(async move { map.map(0..100, Job::Echo).collect().await });
            assert_eq!(answers, Some((0..100).map(Ok).collect()), "{route:?}");
        }
    }

    fn ray_64646_a_member_that_dies_with_work_in_hand_fails_that_item_alone(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 3 => .route(route).max_restarts(0).max_replacements(0));
            let map = pool.clone();
            let answers = stage.settle(async move {
                let work = |n, reply| if n == 4 { Job::Panic(reply) } else { Job::Echo(n, reply) };
                map.map(0..30, work).in_flight(3.try_into().unwrap()).collect().await
            }).expect("it ends");
            assert_eq!(answers[4], Err(AskError::NoReply));
            let lost = answers.iter().filter(|answer| answer.is_err()).count();
            let behind = if route == Route::Shared { 0 } else { 2 };
            assert!((1..=1 + behind).contains(&lost), "{route:?}: {answers:?}");
        }
    }

    fn ray_65543_the_dead_member_is_not_counted_and_nobody_waits_for_it(stage) {
        for route in ROUTES {
            let pool = pool!(stage, 2 => .route(route).max_restarts(0).max_replacements(0));
            stage.executor.run();
            pool.members().iter().for_each(|member| member.actor.kill());
            let mut asked = ByHand::parked(pool.ask(Job::Hang));
            stage.executor.run();
            assert_eq!((pool.len(), pool.members().len(), pool.waiting()), (0, 0, 0));
            assert!(asked.ready().is_err());
            let map = pool.clone();
            let answers = stage.settle(async move { map.map(0..3, Job::Echo).collect().await });
            assert_eq!(answers, Some(vec![Err(AskError::Closed); 3]));
        }
    }

    fn kameo_366_the_error_type_gets_lost_in_the_pool_actor(stage) {
        // Errors of the work travel in the answer, whole; errors of the way are `AskError`.
        let pool = pool!(stage, 2);
        let ask = pool.clone();
        let parsed = stage.settle(async move {
            (ask.ask(|r| Job::Parse("x", r)).await, ask.ask(|r| Job::Parse("7", r)).await)
        });
        let error = "x".parse::<u32>().unwrap_err();
        assert_eq!(parsed, Some((Ok(Err(error)), Ok(Ok(7)))));
    }

    fn cosmos_xenna_50_requeue_with_a_cap_and_fail_fast_with_nobody_left(stage) {
        let pool = pool!(stage, 2 => .max_restarts(1).max_replacements(1));
        // Fewer failures than budgets: each poisoned item costs its own cap, the others none.
        let map = pool.clone();
        let answers = stage.settle(async move {
            let work = |n, reply| if n == 5 { Job::Panic(reply) } else { Job::Echo(n, reply) };
            map.map(0..10, work).retries(1).collect().await
        }).expect("it ends");
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        assert_eq!(answers[5], Err(AskError::NoReply));
        // Everything is poison: the budgets break the circle, and the rest fails at once.
        let map = pool.clone();
        let answers = stage.settle(async move {
            map.map(0..1000, |_, reply: klaw::Reply<u32>| Job::Panic(reply))
                .retries(usize::MAX).collect().await
        }).expect("it ends");
        assert_eq!((answers.len(), answers.iter().all(Result::is_err)), (1000, true));
        assert!(stage.log.lines().iter().filter(|line| line.contains(" up ")).count() <= 6);
    }
}

#[test]
fn a_pool_that_cannot_be_kept_is_an_error() {
    let executor = Executor::new(0);
    executor.close();
    let rt = Runtime::new(executor.spawner(), VirtualClock::new());
    let log = Log::default();
    let pool = rt.spawn_pool(1, move |member| member.serve(Worker::new(&log, 0)));
    assert_eq!(pool.start().unwrap_err(), klaw::SpawnErrorKind::Closed);
}
