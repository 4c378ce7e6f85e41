//! Supervision decisions as `defmt` events.

use super::event::{ChildId, Event};
use defmt::{Debug2Format, debug, error, info, warn};

/// A child as its name, and its number if it has one.
struct Name(ChildId);

impl defmt::Format for Name {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self.0.index {
            Some(index) => defmt::write!(f, "{=str}[{=usize}]", self.0.name, index),
            None => defmt::write!(f, "{=str}", self.0.name),
        }
    }
}

/// Emits one decision, at a level that fits its weight.
pub(crate) fn event(event: &Event<'_>) {
    match *event {
        Event::Started { child, attempt } => debug!("{} started, attempt {}", Name(child), attempt),
        Event::Failed { child, error, attempt } => {
            warn!("{} failed, attempt {}: {}", Name(child), attempt, Debug2Format(&error));
        }
        Event::Restarting { child, attempt, delay, .. } => {
            let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            info!("{} restarting, attempt {}, in {=u64} ms", Name(child), attempt, millis);
        }
        Event::Ended { child } => debug!("{} ended", Name(child)),
        Event::Killed { child } => warn!("{} killed", Name(child)),
        Event::StartFailed { child } => error!("{} failed before it was ready", Name(child)),
        Event::AutoShutdown { child } => info!("{}, a significant child, ended", Name(child)),
        Event::GaveUp { child, attempt, restarts, .. } => {
            error!("{} gave up, attempt {}, after {} restarts", Name(child), attempt, restarts);
        }
    }
}
