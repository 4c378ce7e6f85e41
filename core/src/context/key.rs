//! Typed values, found by keys that are statics.

use crate::sync::{Arc, AtomicBool, const_fn};
use alloc::{boxed::Box, vec::Vec};
use core::{any::Any, fmt, marker::PhantomData, ptr};

/// Names a value of type `T` in a context; a `static`, which is equal to itself only.
///
/// # Examples
///
/// ```
/// use klaw::{Context, Key};
///
/// static TENANT: Key<u32> = Key::new("tenant");
/// /// A connection that only the task that opened it may use.
/// static CONNECTION: Key<u32> = Key::local("connection");
///
/// let context = Context::empty().with(|context| context.set(&TENANT, 7).set(&CONNECTION, 1));
/// assert_eq!(context.get(&TENANT), Some(&7));
///
/// let task = context.for_spawn();
/// assert_eq!((task.get(&TENANT), task.get(&CONNECTION)), (Some(&7), None));
/// ```
///
/// A constant would be another key at every use, so it is refused:
///
/// ```compile_fail,E0716
/// const TENANT: klaw::Key<u32> = klaw::Key::new("tenant");
/// let value = klaw::Context::empty().with(|context| context.set(&TENANT, 7));
/// ```
pub struct Key<T> {
    identity: Identity,
    value: PhantomData<fn() -> T>,
}

/// What makes a key itself: its address.
struct Identity {
    name: &'static str,
    local: bool,
    // Never read. A value that could change is not promoted to a static, of which there would be an
    // unknown number; nor are statics that could change ever merged.
    _unique: AtomicBool,
}

impl<T> Key<T> {
    const_fn! {
        /// A key whose value goes along into tasks and jobs.
        pub const fn new(name: &'static str) -> Self {
            Self::with_identity(name, false)
        }
    }

    const_fn! {
        /// A key whose value stays in the task where it was set.
        ///
        /// For what must not be shared or outlive its task: a transaction, a session, a lock.
        pub const fn local(name: &'static str) -> Self {
            Self::with_identity(name, true)
        }
    }

    const_fn! {
        const fn with_identity(name: &'static str, local: bool) -> Self {
            let identity = Identity { name, local, _unique: AtomicBool::new(false) };
            Self { identity, value: PhantomData }
        }
    }

    /// What it is called in debug output.
    pub const fn name(&self) -> &'static str {
        self.identity.name
    }

    /// Whether its value stays in the task where it was set.
    pub const fn is_local(&self) -> bool {
        self.identity.local
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.identity.local;
        f.debug_struct("Key").field("name", &self.identity.name).field("local", &local).finish()
    }
}

/// The values of a context; few, so a list is searched.
#[derive(Clone, Default)]
pub(super) struct Values(Option<Arc<Vec<Entry>>>);

#[derive(Clone)]
struct Entry {
    key: &'static Identity,
    value: Arc<Value>,
}

struct Value(Box<dyn Any + Send + Sync>);

impl Values {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn get<T: Any>(&self, key: &'static Key<T>) -> Option<&T> {
        let entry = self.entries().iter().find(|entry| entry.has(key))?;
        entry.value.0.downcast_ref()
    }

    pub(super) fn with<T: Any + Send + Sync>(&self, key: &'static Key<T>, value: T) -> Self {
        let entry = Entry { key: &key.identity, value: Arc::new(Value(Box::new(value))) };
        let others = self.entries().iter().filter(|entry| !entry.has(key)).cloned();
        others.chain([entry]).collect()
    }

    pub(super) fn without<T>(&self, key: &'static Key<T>) -> Self {
        self.entries().iter().filter(|entry| !entry.has(key)).cloned().collect()
    }

    pub(super) fn has_local(&self) -> bool {
        self.entries().iter().any(|entry| entry.key.local)
    }

    pub(super) fn without_local(&self) -> Self {
        if !self.has_local() {
            return self.clone();
        }
        self.entries().iter().filter(|entry| !entry.key.local).cloned().collect()
    }

    fn entries(&self) -> &[Entry] {
        self.0.as_ref().map_or(&[], |entries| entries.as_slice())
    }
}

impl FromIterator<Entry> for Values {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let entries: Vec<Entry> = entries.into_iter().collect();
        Self((!entries.is_empty()).then(|| Arc::new(entries)))
    }
}

impl Entry {
    fn has<T>(&self, key: &'static Key<T>) -> bool {
        ptr::eq(self.key, &raw const key.identity)
    }
}

/// The names of what is there; the values may be secrets.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries().iter().map(|entry| entry.key.name)).finish()
    }
}
