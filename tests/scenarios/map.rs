//! Maps over many items on a few tasks.

use super::*;
use core::{
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::sync::Arc;
use witness::yield_a_little;

const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

#[test]
fn results_come_in_the_order_of_the_items_and_no_more_than_the_width_at_once() {
    run(async |rt: Rt| {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = most.clone();
        let map = rt.executor().map(0..20, move |n: u32| {
            let (now, most) = (now.clone(), seen.clone());
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                yield_a_little().await;
                now.fetch_sub(1, Ordering::SeqCst);
                n * 2
            }
        });
        let results: Vec<_> = map.width(THREE).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(results, (0..20).map(|n| n * 2).collect::<Vec<_>>());
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
    });
}

#[test]
fn the_first_failure_ends_a_fallible_map() {
    run(async |rt: Rt| {
        let map = rt.executor().try_map(0..100, async |n: u32| {
            yield_a_little().await;
            if n == 5 { Err("five") } else { Ok(n) }
        });
        assert!(map.width(THREE).await.is_err());
    });
}

#[test]
fn a_stream_of_results_can_be_left() {
    run(async |rt: Rt| {
        let mut results = rt.executor().imap_ordered(0..1_000, async |n: u32| n + 1).width(THREE);
        for n in 0..10 {
            assert_eq!(results.next().await.unwrap().unwrap(), n + 1);
        }
        drop(results);
        assert_eq!(rt.submit(async { "on" }).unwrap().await.unwrap(), "on");
    });
}
