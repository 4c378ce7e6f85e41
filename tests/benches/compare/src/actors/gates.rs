//! What actors tell the driver beside the messages; the same for every library.

#[path = "../gate.rs"]
mod gate;

pub use gate::Gate;

/// Counts what has happened, for whoever waits for it.
#[derive(Clone, Default)]
pub struct Gates {
    /// Passed by each incarnation when it starts.
    pub started: Gate,
    /// Passed when the token has come to its end.
    pub arrived: Gate,
    /// Passed by each actor when it has stopped, where a library has no other way to wait for that.
    pub stopped: Gate,
}
