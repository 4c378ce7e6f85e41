//! Every interleaving of small programs that select.

use super::{
    super::{bounded, loom_tests::send_all},
    select,
};
use loom::{future::block_on, model, thread};
use std::vec;

#[test]
fn loom_select_takes_each_message_once() {
    model(|| {
        let ((a, a_rx), (b, b_rx)) = (bounded(1), bounded(1));
        let senders = [send_all(a, 0..1), send_all(b, 1..2)];
        let mut received = vec![];
        while let Ok((at, message)) = block_on(select([&a_rx, &b_rx])) {
            assert_eq!(at, message as usize);
            received.push(message);
        }
        received.sort_unstable();
        assert_eq!(received, [0, 1]);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn loom_a_select_that_loses_passes_its_wake_on() {
    model(|| {
        let ((a, a_rx), (b, b_rx)) = (bounded(1), bounded(1));
        a.try_send(0).unwrap();
        let other = {
            let b_rx = b_rx.clone();
            thread::spawn(move || block_on(b_rx.recv()).unwrap())
        };
        let sender = send_all(b, 1..3);
        let mut received = vec![block_on(select([&a_rx, &b_rx])).unwrap().1];
        received.push(other.join().unwrap());
        while let Ok(message) = block_on(b_rx.recv()) {
            received.push(message);
        }
        received.extend(a_rx.try_recv());
        received.sort_unstable();
        assert_eq!(received, [0, 1, 2]);
        sender.join().unwrap();
    });
}
