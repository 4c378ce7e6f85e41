//! Why a name was refused, and why it leads to no actor.

use core::{error::Error, fmt};

/// Why an actor was not registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterError<N> {
    /// The name that was asked for.
    pub name: N,
    /// What stood in the way.
    pub kind: RegisterErrorKind,
}

/// The kinds of [`RegisterError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisterErrorKind {
    /// An actor that has not ended goes by this name.
    Taken,
    /// The actor takes no more messages.
    Closed,
    /// There is no room for another name.
    Full,
}

/// Why no actor was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorNotFound<N> {
    /// The name that was asked for.
    pub name: N,
    /// What is known of it.
    pub kind: ActorNotFoundKind,
}

/// The kinds of [`ActorNotFound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActorNotFoundKind {
    /// No actor goes by this name.
    Unknown,
    /// The actor of this name takes other messages.
    OtherMessages {
        /// The type of message that was asked for.
        asked: &'static str,
        /// The type of message that it takes.
        found: &'static str,
    },
}

impl<N: fmt::Display> fmt::Display for RegisterError<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            RegisterErrorKind::Taken => write!(f, "the name `{name}` is taken"),
            RegisterErrorKind::Closed => {
                write!(f, "the actor to be named `{name}` takes no more messages")
            }
            RegisterErrorKind::Full => write!(f, "the registry has no room for the name `{name}`"),
        }
    }
}

impl<N: fmt::Display> fmt::Display for ActorNotFound<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            ActorNotFoundKind::Unknown => write!(f, "no actor goes by the name `{name}`"),
            ActorNotFoundKind::OtherMessages { asked, found } => {
                write!(f, "the actor `{name}` takes messages of type `{found}`, not `{asked}`")
            }
        }
    }
}

impl<N: fmt::Display + fmt::Debug> Error for RegisterError<N> {}

impl<N: fmt::Display + fmt::Debug> Error for ActorNotFound<N> {}
