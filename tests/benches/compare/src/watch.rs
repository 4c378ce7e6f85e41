//! Channels that hold one value, for receivers that want to see it change.

use crate::{
    gate::Gate,
    message::{Message, Word},
    run::{Task, Tasks},
    work::{Tally, Work},
};

pub const RECEIVERS: usize = 4;

pub trait Watch: 'static {
    type Tx: Send + 'static;
    type Rx: Send + 'static;

    /// Holds a zero in the beginning.
    fn channel() -> (Self::Tx, [Self::Rx; RECEIVERS]);
    fn set(tx: &mut Self::Tx, value: Word);
    /// A value not seen before, or at first perhaps the zero.
    fn changed(rx: &mut Self::Rx) -> impl Future<Output = Word> + Send;
}

/// Sets a value, waits until all have seen it, and so on: each sees each.
pub fn work<W: Watch>(updates: u64) -> Work {
    let (mut tx, rxs) = W::channel();
    let (tally, gate) = (Tally::default(), Gate::default());
    let receivers = RECEIVERS as u64;
    let mut tasks: Vec<Task> = vec![];
    for mut rx in rxs {
        let (tally, gate) = (tally.clone(), gate.clone());
        tasks.push(Box::pin(async move {
            let (mut seen, mut sum) = (0, 0);
            while seen < updates {
                let value = W::changed(&mut rx).await.number();
                if value > 0 {
                    seen += 1;
                    sum += value;
                    gate.pass(receivers);
                }
            }
            tally.add(seen, sum);
        }));
    }
    tasks.push(Box::pin(async move {
        for number in 1..=updates {
            W::set(&mut tx, Word::new(number));
            gate.wait_for(number * receivers).await;
        }
    }));
    let sum = updates * (updates + 1) / 2;
    Work::new(Tasks::Shared(tasks), tally, updates * receivers, sum * receivers)
}
