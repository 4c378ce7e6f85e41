//! A subscriber for applications that have none of their own.

use super::{Hooks, Level, WithIds};
use core::fmt;
use tracing_subscriber::{filter::LevelFilter, fmt as lines, layer::SubscriberExt, registry};

/// Something that shows events was installed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadySet;

/// Shows the events of `level` and above on standard error, a line each, with the context's ids.
///
/// For applications, not for libraries: it is for the whole process and cannot be undone.
///
/// # Errors
///
/// [`AlreadySet`] if the process has a global subscriber; nothing is changed then.
pub fn init(level: Level) -> Result<(), AlreadySet> {
    init_with(level, Hooks::new())
}

/// As [`init`], with hooks that see the events first.
///
/// # Errors
///
/// [`AlreadySet`] if the process has a global subscriber; nothing is changed then.
pub fn init_with(level: Level, hooks: Hooks) -> Result<(), AlreadySet> {
    let lines = lines::layer()
        .event_format(WithIds::<lines::format::Format>::default())
        .with_writer(std::io::stderr);
    let subscriber = registry().with(LevelFilter::from(level)).with(hooks).with(lines);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadySet)
}

impl fmt::Display for AlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a subscriber for the events of this process was set before")
    }
}

impl core::error::Error for AlreadySet {}
