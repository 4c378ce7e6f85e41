//! Every order of events between those who ask and those who answer.

use super::{Answer, Asker, Questions};
use crate::{actor::AskError, sync::Arc};
use core::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::atomic::{AtomicUsize as Unseen, Ordering},
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, thread};
use std::boxed::Box;

/// Counts how often an answer is dropped, unseen by loom.
struct Counted(std::sync::Arc<Unseen>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn ask<R>(questions: &Arc<Questions>) -> (Pin<Box<Answer<R>>>, Asker<R>) {
    let mut answer = Box::pin(Answer::new(questions.clone()));
    let (_, asker) = answer.as_mut().open();
    (answer, asker)
}

#[test]
fn loom_an_answer_reaches_who_waits() {
    model(|| {
        let (answer, asker) = ask(&Arc::new(Questions::new()));
        let answering = thread::spawn(move || asker.send(7));
        assert_eq!(block_on(answer), Ok(7));
        answering.join().unwrap();
    });
}

#[test]
fn loom_a_dropped_reply_is_heard() {
    model(|| {
        let (answer, asker) = ask::<u32>(&Arc::new(Questions::new()));
        let answering = thread::spawn(move || drop(asker));
        assert_eq!(block_on(answer), Err(AskError::NoReply));
        answering.join().unwrap();
    });
}

#[test]
fn loom_a_question_given_up_while_it_is_answered() {
    model(|| {
        let dropped = std::sync::Arc::new(Unseen::new(0));
        let (mut answer, asker) = ask(&Arc::new(Questions::new()));
        let counted = Counted(dropped.clone());
        let answering = thread::spawn(move || asker.send(counted));
        let polled = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(answer); // loom sees if the place is still being written to
        assert!(polled.is_pending() || dropped.load(Ordering::SeqCst) == 0);
        drop(polled);
        answering.join().unwrap();
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    });
}

/// Two questions to one actor; its table grows, and their entries are used again.
#[test]
fn loom_two_questions_at_once_get_their_own_answers() {
    model(|| {
        let questions = Arc::new(Questions::new());
        let (answer, asker) = ask(&questions);
        let other = {
            let questions = questions.clone();
            thread::spawn(move || {
                let (answer, asker) = ask(&questions);
                asker.send(2);
                assert_eq!(block_on(answer), Ok(2));
            })
        };
        let answering = thread::spawn(move || asker.send(1));
        assert_eq!(block_on(answer), Ok(1));
        other.join().unwrap();
        answering.join().unwrap();
    });
}

#[test]
fn loom_an_answer_wakes_the_task_that_polled_last() {
    model(|| {
        let (answer, asker) = ask(&Arc::new(Questions::new()));
        let answering = thread::spawn(move || asker.send(7));
        let mut answer = pin!(answer);
        let early = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let late = match early {
            Poll::Ready(answer) => answer,
            Poll::Pending => block_on(poll_fn(|cx| answer.as_mut().poll(cx))),
        };
        assert_eq!(late, Ok(7));
        answering.join().unwrap();
    });
}
