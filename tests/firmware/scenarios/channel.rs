//! Channels in `static`s.

use crate::{Checked, check};
use embassy_futures::{join::join, yield_now};
use klaw_embassy::{
    Channel, RecvError, SendError, TrySendError,
    channel::{
        Either,
        broadcast::{Broadcast, Overflow},
        oneshot::Oneshot,
        select,
        watch::Watch,
    },
};

pub(crate) async fn a_full_one_holds_the_sender_back() -> Checked {
    static NUMBERS: Channel<u32, 2> = Channel::new();
    let (tx, rx) = (NUMBERS.sender(), NUMBERS.receiver());
    check!(tx.try_send(0).is_ok() && tx.try_send(1).is_ok());
    check!(matches!(tx.try_send(9), Err(TrySendError::Full(9))));
    let send = async {
        for n in 2..100 {
            tx.send(n).await?;
        }
        drop(tx);
        Ok::<(), SendError<u32>>(())
    };
    let receive = async {
        for n in 0..100 {
            check!(NUMBERS.len() <= 2);
            check!(rx.recv().await == Ok(n));
            yield_now().await;
        }
        check!(rx.recv().await == Err(RecvError));
        Ok(())
    };
    let (sent, received) = join(send, receive).await;
    check!(sent.is_ok());
    received
}

pub(crate) async fn a_closed_one_drains() -> Checked {
    static NUMBERS: Channel<u32, 2> = Channel::new();
    check!(NUMBERS.send(1).await.is_ok() && NUMBERS.send(2).await.is_ok());
    let (refused, ()) = join(NUMBERS.send(3), async {
        NUMBERS.close();
    })
    .await;
    check!(matches!(refused, Err(SendError(3))));
    check!(NUMBERS.recv().await == Ok(1) && NUMBERS.recv().await == Ok(2));
    check!(NUMBERS.recv().await == Err(RecvError));
    Ok(())
}

pub(crate) async fn select_takes_from_several() -> Checked {
    static NUMBERS: Channel<u32, 1> = Channel::new();
    static TEXTS: Channel<&str, 1> = Channel::new();
    let (numbers, texts) = (NUMBERS.receiver(), TEXTS.receiver());
    let (got, sent) = join(select((&numbers, &texts)), async { TEXTS.try_send("text") }).await;
    check!(sent.is_ok() && got == Ok(Either::Second("text")));
    check!(NUMBERS.try_send(7).is_ok());
    check!(select((&numbers, &texts)).await == Ok(Either::First(7)));
    Ok(())
}

pub(crate) async fn one_value_once() -> Checked {
    static ROOM: Oneshot<u32> = Oneshot::new();
    for n in 0..3 {
        let Some((tx, rx)) = ROOM.channel() else { return Err("the room is in use") };
        check!(ROOM.channel().is_none());
        let (got, sent) = join(rx, async { tx.send(n) }).await;
        check!(sent.is_ok() && got == Ok(n));
    }
    Ok(())
}

pub(crate) async fn everything_for_everybody() -> Checked {
    static NEWS: Broadcast<u32, 2> = Broadcast::new(Overflow::Backpressure);
    let (mut one, mut two) = (NEWS.receiver(), NEWS.receiver());
    let send = async {
        for n in 0..10 {
            if NEWS.send(n).await.is_err() {
                return Err("nobody receives");
            }
        }
        Ok(())
    };
    let receive = async {
        for n in 0..10 {
            check!(one.recv().await == Ok(n));
            check!(two.recv().await == Ok(n));
        }
        Ok(())
    };
    let (sent, received) = join(send, receive).await;
    sent.and(received)
}

pub(crate) async fn the_latest_value() -> Checked {
    static LEVEL: Watch<u32> = Watch::new(0);
    let mut rx = LEVEL.receiver();
    let (found, ()) = join(rx.wait_for(|level| *level >= 3), async {
        for n in 1..=3 {
            LEVEL.send(n);
            yield_now().await;
        }
    })
    .await;
    check!(found.is_ok_and(|level| *level == 3));
    Ok(())
}
