//! The scenarios of `threads.rs`, where threads cannot be: each says why.

#[test]
#[ignore = "not simulated: when another thread wakes a task does not follow from the seed"]
fn a_foreign_thread_sends_and_receives() {}

#[test]
#[ignore = "not simulated: when another thread wakes a task does not follow from the seed"]
fn a_foreign_thread_cancels_what_waits() {}

#[test]
#[ignore = "not simulated: when another thread wakes a task does not follow from the seed"]
fn a_foreign_thread_tells_an_actor() {}
