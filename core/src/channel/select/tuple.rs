//! Receivers of different types.

use super::{Either, Either3, Either4, Either5, Either6, IntoSelect, Source};
use crate::{
    channel::{RecvError, ring::Take},
    wait::Until,
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

macro_rules! tuple {
    ($($select:ident -> $either:ident: $count:literal, $($at:literal $variant:ident $field:ident)*;)*) => {$(
        pin_project! {
            /// Receives from any of several channels; made by [`select`](super::select).
            ///
            /// # Cancel safety
            ///
            /// Dropping it before it is done costs the places in the queues. No message is lost.
            #[must_use = "futures do nothing unless you `.await` or poll them"]
            pub struct $select<'a, $($variant: Source),*> {
                $(
                    #[pin]
                    $field: Until<Take<'a, $variant::Message, $variant::Sharing>>,
                )*
            }
        }

        impl<'a, $($variant: Source),*> IntoSelect for ($(&'a $variant,)*) {
            type Output = $either<$($variant::Message),*>;
            type IntoFuture = $select<'a, $($variant),*>;

            fn into_select(self) -> Self::IntoFuture {
                let ($($field,)*) = self;
                $select { $($field: $field.begin().into_until()),* }
            }
        }

        impl<$($variant: Source),*> Future for $select<'_, $($variant),*> {
            type Output = Result<$either<$($variant::Message),*>, RecvError>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                let mut taken = 0_usize;
                $(taken = taken.wrapping_add(this.$field.operation().taken());)*
                let (mut over, mut won) = (0, None);
                // Each message received moves the beginning on by one.
                for step in 0..$count {
                    match (taken % $count + step) % $count {
                        $($at => match this.$field.as_mut().poll(cx) {
                            Poll::Ready(Ok(message)) => won = Some($either::$variant(message)),
                            Poll::Ready(Err(RecvError)) => over += 1,
                            Poll::Pending => {}
                        },)*
                        _ => {}
                    }
                    if won.is_some() {
                        break;
                    }
                }
                if won.is_none() && over < $count {
                    return Poll::Pending;
                }
                // Nobody polls these again, so their places and wakes go to others.
                $(this.$field.as_mut().give_up();)*
                Poll::Ready(won.ok_or(RecvError))
            }
        }

        impl<$($variant: Source),*> fmt::Debug for $select<'_, $($variant),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($select)).finish_non_exhaustive()
            }
        }
    )*};
}

tuple! {
    Select2 -> Either: 2, 0 First first 1 Second second;
    Select3 -> Either3: 3, 0 First first 1 Second second 2 Third third;
    Select4 -> Either4: 4, 0 First first 1 Second second 2 Third third 3 Fourth fourth;
    Select5 -> Either5: 5, 0 First first 1 Second second 2 Third third 3 Fourth fourth 4 Fifth fifth;
    Select6 -> Either6: 6,
        0 First first 1 Second second 2 Third third 3 Fourth fourth 4 Fifth fifth 5 Sixth sixth;
}
