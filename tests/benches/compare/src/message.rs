//! What is sent: a number, alone or with ballast.

/// What every peer can carry: thingbuf asks for `Default` and `Clone`, crossfire for `Unpin`.
pub trait Message: Clone + Default + Send + Sync + Unpin + 'static {
    fn new(number: u64) -> Self;
    fn number(&self) -> u64;
}

/// How large messages are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Word,
    Block,
}

impl Size {
    pub const fn bytes(self) -> usize {
        match self {
            Self::Word => size_of::<Word>(),
            Self::Block => size_of::<Block>(),
        }
    }
}

#[derive(Clone, Default)]
pub struct Word(u64);

#[derive(Clone, Default)]
pub struct Block([u64; 32]);

impl Message for Word {
    #[inline]
    fn new(number: u64) -> Self {
        Self(number)
    }

    #[inline]
    fn number(&self) -> u64 {
        self.0
    }
}

impl Message for Block {
    #[inline]
    fn new(number: u64) -> Self {
        Self([number; 32])
    }

    /// Both ends of the block, so that one that arrived in part is noticed.
    #[inline]
    fn number(&self) -> u64 {
        assert_eq!(self.0[0], self.0[31], "a torn message");
        self.0[0]
    }
}

/// What a send gives: nothing, or a result that must be good.
pub trait Accepted {
    fn accepted(self);
}

impl Accepted for () {
    #[inline]
    fn accepted(self) {}
}

impl<E> Accepted for Result<(), E> {
    #[inline]
    fn accepted(self) {
        assert!(self.is_ok(), "a message was refused");
    }
}

/// A broadcast that would give back what it overwrote.
impl<M: Message, E> Accepted for Result<Option<M>, E> {
    #[inline]
    fn accepted(self) {
        assert!(matches!(self, Ok(None)), "a message was refused, or replaced another");
    }
}

/// What a receive gives: the message, perhaps wrapped; nothing once the channel is closed.
pub trait Received<M>: Sized {
    fn received(self) -> Option<M>;

    /// The message that must be there.
    #[inline]
    fn message(self) -> M {
        self.received().expect("the channel ended early")
    }
}

impl<M: Message> Received<M> for M {
    #[inline]
    fn received(self) -> Option<M> {
        Some(self)
    }
}

impl<M: Message> Received<M> for Option<M> {
    #[inline]
    fn received(self) -> Self {
        self
    }
}

impl<M: Message, E> Received<M> for Result<M, E> {
    #[inline]
    fn received(self) -> Option<M> {
        self.ok()
    }
}
