//! Static mailboxes and supervision in place, inside a task of embassy's, on the host.

mod executor;

use core::time::Duration;
use embassy_time::Duration as Ticks;
use executor::Chip;
use klaw_embassy::{
    Actor, AskError, Channel, Clock, Ctx, EmbassyClock, Mailbox, Reply, ReplySlot, Restart,
    Strategy, Supervisor, SupervisorError, serve,
};

enum Msg {
    Add(u32),
    Get(Reply<u32>),
}

#[derive(Default)]
struct Counter(u32);

impl Actor for Counter {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        // A timer in a child: polled with the task's own waker, or embassy panics.
        EmbassyClock.sleep(Duration::from_micros(10)).await;
        match msg {
            Msg::Add(0) => return Err("nothing to add"),
            Msg::Add(x) => self.0 += x,
            Msg::Get(reply) => reply.send(self.0),
        }
        Ok(())
    }
}

#[test]
fn an_actor_is_restarted_with_its_queue_and_given_up_within_the_window() {
    static COUNTER: Mailbox<Msg, 4> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let chip = Chip::new();
    let counter = COUNTER.actor_ref();
    let tree = Supervisor::new(Strategy::OneForOne)
        .max_restarts(1)
        .restart_window(Duration::from_millis(1))
        .actor(&counter, Restart::OnFailure, |me| serve(Counter::default(), me))
        .run(&EmbassyClock);
    let ended = chip.start(tree);
    chip.run(Ticks::from_micros(1), async {
        let counter = COUNTER.actor_ref();
        for x in [41, 0, 2] {
            counter.tell(Msg::Add(x)).await.unwrap();
        }
        assert_eq!(counter.ask_in(&ANSWER, Msg::Get).await, Ok(2));
        // Outside of the window, another restart is allowed.
        EmbassyClock.sleep(Duration::from_millis(2)).await;
        counter.tell(Msg::Add(0)).await.unwrap();
        assert_eq!(counter.ask_in(&ANSWER, Msg::Get).await, Ok(0));
        assert_eq!(counter.incarnations(), 3);
        // Inside, it is one too many.
        counter.tell(Msg::Add(0)).await.unwrap();
        counter.closed().await;
        assert_eq!(counter.ask_in(&ANSWER, Msg::Get).await, Err(AskError::Closed));
    });
    let Some(Err(SupervisorError::GaveUp(gave_up))) = ended.take() else { panic!("it runs on") };
    assert_eq!((gave_up.child.name, gave_up.restarts), ("counter", 1));
}

#[test]
fn a_static_channel_between_tasks_holds_its_sender_back_and_closes() {
    static NUMBERS: Channel<u32, 2> = Channel::new();
    let chip = Chip::new();
    let sent = chip.start(async {
        let tx = NUMBERS.sender();
        for n in 0..100 {
            tx.send(n).await.unwrap();
        }
    });
    assert!(sent.take().is_none() && NUMBERS.len() == 2, "held back");
    let got = chip.start(async {
        let (rx, mut got) = (NUMBERS.receiver(), vec![]);
        while let Ok(n) = rx.recv().await {
            got.push(n);
        }
        got
    });
    assert_eq!(sent.take(), Some(()));
    assert_eq!(got.take(), Some((0..100).collect()));
}
