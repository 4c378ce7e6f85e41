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

#[test]
#[ignore = "not simulated: a job of the simulator is over before anything else runs"]
fn a_job_hears_of_a_cancel_by_its_token() {}
