//! Doing what a running supervisor is asked to.

use super::{
    refused::Refused,
    requests::{Request, Requests},
};
use crate::supervise::{
    children::set::{ChildSet, EntriesOf},
    events::event::ChildId,
    events::observer::Observer,
    policy::Policy,
    run::Supervise,
    tree::info::ChildInfo,
};
use crate::time::Clock;
use core::{
    iter,
    pin::Pin,
    task::{Context, Poll},
};

impl<Set, C, Stop, O, R, P> Supervise<Set, C, Stop, O, R, P>
where
    Set: ChildSet,
    C: Clock,
    O: Observer,
    R: Requests<Set::New>,
    P: Policy,
{
    /// Answers the last request if that can be done, and takes the next; true if it did either.
    pub(in crate::supervise) fn poll_requests(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> bool {
        let mut busy = false;
        if const { !R::ANY } {
            return busy;
        }
        loop {
            let mut this = self.as_mut().project();
            if let Some(answer) = this.machine.answer.take() {
                *this.asked = false;
                this.requests.as_mut().answer(answer);
                busy = true;
            }
            if !*this.asked {
                self.as_mut().remove_gone();
            }
            let this = self.as_mut().project();
            if *this.asked || !this.machine.policy.is_by_hand() || this.machine.is_stopping() {
                return busy;
            }
            match this.requests.poll_request(cx) {
                Poll::Pending => return busy,
                Poll::Ready(None) => this.machine.policy.end_by_hand(),
                Poll::Ready(Some(request)) => self.as_mut().ask(request),
            }
            busy = true;
        }
    }

    fn ask(mut self: Pin<&mut Self>, request: Request<Set::New>) {
        let asked = match &request {
            Request::Stop(id) | Request::Restart(id) | Request::Delete(id) => {
                let Some(at) = self.as_mut().find(*id) else {
                    self.project().requests.answer(Err(Refused::NotFound));
                    return;
                };
                at
            }
            Request::Start(_) | Request::List => self.as_mut().project().children.count(),
        };
        let mut this = self.as_mut().project();
        let mut entries = EntriesOf(this.children.as_mut());
        let gone = match request {
            Request::Start(new) => return self.start_child(new),
            Request::List => return self.list(),
            Request::Stop(_) => this.machine.stop_child(&mut entries, asked),
            Request::Restart(_) => {
                this.machine.restart_child(&mut entries, asked);
                false
            }
            Request::Delete(_) => this.machine.delete_child(&mut entries, asked),
        };
        *this.asked = true;
        if gone {
            *this.gone = true;
            this.children.child(asked).retire();
        }
    }

    fn start_child(mut self: Pin<&mut Self>, mut new: Set::New) {
        let mut child = Set::new_child(&mut new);
        let (id, entry) = (child.as_mut().id(), *child.as_mut().entry());
        let same = self.as_mut().find(id);
        let mut this = self.project();
        let refused = match same {
            Some(at) if this.children.as_mut().child(at).entry().is_down() => {
                Err(Refused::AlreadyPresent)
            }
            Some(_) => Err(Refused::AlreadyRunning),
            None => this.machine.may_add(&entry),
        };
        if let Err(why) = refused {
            this.requests.give_back(new, why);
            return;
        }
        this.children.as_mut().add(new);
        let last = this.children.as_mut().count() - 1;
        this.machine.added(&mut EntriesOf(this.children.as_mut()), last);
        *this.asked = true;
    }

    fn list(self: Pin<&mut Self>) {
        let mut this = self.project();
        let mut at = 0;
        let mut children = iter::from_fn(|| {
            while at < this.children.as_mut().count() {
                let mut child = this.children.as_mut().child(at);
                at += 1;
                let info = ChildInfo::new(child.as_mut().id(), child.as_mut().entry());
                if info.is_some() {
                    return info;
                }
            }
            None
        });
        this.requests.list(&mut children);
    }

    /// The child of this name, unless it is gone.
    fn find(self: Pin<&mut Self>, id: ChildId) -> Option<usize> {
        let mut children = self.project().children;
        (0..children.as_mut().count()).find(|&at| {
            let mut child = children.as_mut().child(at);
            child.as_mut().id() == id && !child.as_mut().entry().is_over()
        })
    }

    /// Takes away what is gone for good, where children can be added in its place.
    fn remove_gone(self: Pin<&mut Self>) {
        let mut this = self.project();
        if !*this.gone || this.machine.is_stopping() {
            return;
        }
        *this.gone = false;
        for at in (0..this.children.as_mut().count()).rev() {
            let mut child = this.children.as_mut().child(at);
            let entry = child.as_mut().entry();
            let over = entry.is_over() && entry.added;
            if over && this.children.as_mut().remove(at) {
                this.machine.removed(at);
                this.view.removed(at);
            }
        }
    }
}
