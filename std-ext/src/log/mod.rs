//! Seeing what klaw and others emit through `tracing`, with the ids of the current [`Context`].
//!
//! klaw is silent by default: it emits events and installs nothing that shows them. An application
//! that has no subscriber of its own calls [`init`]; one that has puts [`WithIds`] and [`Hooks`]
//! into it. Any other layer can ask [`Context::current`] when an event reaches it.
//!
//! # Examples
//!
//! ```
//! use klaw_std::log::{self, Hooks, Level, Verdict};
//!
//! let level: Level = "info".parse()?;
//! let hooks = Hooks::new().hook(|event, context| {
//!     let noise = event.metadata().target() == "noisy" && context.request_id().is_none();
//!     if noise { Verdict::Veto } else { Verdict::Keep }
//! });
//! log::init_with(level, hooks)?;
//! assert_eq!(log::init(level), Err(log::AlreadySet));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! In a subscriber of one's own:
//!
//! ```
//! use klaw_std::log::WithIds;
//! use tracing_subscriber::{fmt, layer::SubscriberExt, registry};
//!
//! let compact = WithIds::new(fmt::format().compact());
//! let subscriber = registry().with(fmt::layer().event_format(compact));
//! # drop(subscriber);
//! ```
//!
//! [`Context`]: klaw::Context
//! [`Context::current`]: klaw::Context::current

mod hooks;
mod init;
mod level;
mod with_ids;

pub use hooks::{Hooks, Verdict};
pub use init::{AlreadySet, init, init_with};
pub use level::{Level, UnknownLevel};
pub use with_ids::WithIds;
