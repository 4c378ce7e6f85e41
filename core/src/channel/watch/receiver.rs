//! The receiving end.

use super::{
    super::error::RecvError,
    changed::Changed,
    shared::{Held, Shared},
    stream::WatchStream,
    value::Ref,
    wait_for::WaitFor,
};
use crate::wait::List;
use core::fmt;

/// The receiving end of a watch channel; it remembers which version of the value it has seen.
///
/// A clone has seen the same version, and each goes on by itself from there.
pub struct Receiver<T> {
    held: Held<T>,
    /// The version seen last; none if the current one is to count as not seen.
    seen: Option<usize>,
}

impl<T> Receiver<T> {
    pub(super) fn counted(held: Held<T>) -> Self {
        let state = &held.get(|shared| shared).state;
        state.add_receiver();
        let seen = Some(state.version());
        Self { held, seen }
    }

    fn shared(&self) -> &Shared<T> {
        self.held.get(|shared| shared)
    }

    /// The value as it is now, which counts as seen no more than before.
    pub fn borrow(&self) -> Ref<T>
    where
        T: Clone,
    {
        let (value, version) = self.shared().read();
        Ref::new(value, self.seen != Some(version))
    }

    /// The value as it is now, which is seen from now on.
    ///
    /// In a loop around [`changed`](Self::changed) prefer it to [`borrow`](Self::borrow): what is
    /// stored between the two is then not reported once more.
    pub fn borrow_and_update(&mut self) -> Ref<T>
    where
        T: Clone,
    {
        let (value, version) = self.shared().read();
        let before = self.seen.replace(version);
        Ref::new(value, before != Some(version))
    }

    /// Whether there is a version not yet seen; it stays so.
    ///
    /// It answers as [`changed`](Self::changed) would, `Ok(false)` standing for waiting.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if all senders are gone and the last version is seen.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        self.shared().state.news(self.seen).map_or(Ok(false), |news| news.map(|_| true))
    }

    /// Makes the current version count as not seen.
    pub fn mark_changed(&mut self) {
        self.seen = None;
    }

    /// Makes the current version count as seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = Some(self.shared().state.version());
    }

    /// Waits for a version not yet seen and marks it as seen; done at once if there is one.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if all senders are gone and the last version is seen.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing: a version is marked as seen only when it completes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures_util::FutureExt;
    /// # async fn show() {
    /// let (tx, mut rx) = klaw::channel::watch::channel("hello");
    /// tx.send("world").unwrap();
    /// drop(tx);
    /// assert!(rx.changed().await.is_ok());
    /// assert_eq!(*rx.borrow(), "world");
    /// assert!(rx.changed().await.is_err());
    /// # }
    /// # show().now_or_never().unwrap();
    /// ```
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed::new(self)
    }

    /// Waits for a value of which `predicate` is true, the current one included, seen or not.
    ///
    /// It looks at the newest value whenever there is a new one, so it may pass over some. What it
    /// looked at is seen.
    ///
    /// `predicate` runs on a clone and under no lock, so it may do what it likes for as long as it
    /// likes; that costs a clone for each look.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if all senders are gone and `predicate` was false of the last value.
    ///
    /// # Panics
    ///
    /// If `predicate` does; the channel goes on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future costs nothing: of what it marked as seen, `predicate` was false.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures_util::FutureExt;
    /// # async fn show() {
    /// let (tx, mut ready) = klaw::channel::watch::channel(false);
    /// tx.send(true).unwrap();
    /// assert!(ready.wait_for(|ready| *ready).await.is_ok());
    /// # }
    /// # show().now_or_never().unwrap();
    /// ```
    pub fn wait_for<F: FnMut(&T) -> bool>(&mut self, predicate: F) -> WaitFor<'_, T, F>
    where
        T: Clone,
    {
        WaitFor::new(self, predicate)
    }

    /// The value now and then each new one that it is polled for; ends when all senders are gone.
    pub fn into_stream(mut self) -> WatchStream<T>
    where
        T: Clone,
    {
        self.mark_changed();
        WatchStream::new(self)
    }

    /// Whether both handles belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        core::ptr::eq(self.shared(), other.shared())
    }

    /// Marks a version as seen that was not, if there is one.
    #[inline]
    pub(super) fn try_changed(&mut self) -> Option<Result<(), RecvError>> {
        let news = self.shared().state.news(self.seen)?;
        Some(news.map(|version| self.seen = Some(version)))
    }

    /// The value, if it is not seen; it is from then on.
    pub(super) fn try_next(&mut self) -> Option<Result<Ref<T>, RecvError>>
    where
        T: Clone,
    {
        let news = self.shared().state.news(self.seen)?;
        Some(news.map(|_| self.borrow_and_update()))
    }

    pub(super) fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.shared().state.with_awaiting_change(self.seen, f)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared().state.add_receiver();
        Self { held: self.held.clone(), seen: self.seen }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared().state.remove_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared().state.fmt_as("Receiver", f)
    }
}
