//! Futures of different types, side by side.

use super::{
    child::Child,
    group::{Group, IntoGroup, Uniform, failed, succeeded},
};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use pin_project_lite::pin_project;

macro_rules! tuple {
    ($($group:ident: $count:literal, $($at:literal $future:ident $value:ident $field:ident)*;)*) => {$(
        pin_project! {
            /// The futures of a tuple, side by side.
            pub struct $group<$($future: Future),*> {
                $(#[pin] $field: Child<$future>,)*
            }
        }

        impl<E, $($value, $future: Future<Output = Result<$value, E>>),*> IntoGroup for ($($future,)*) {
            type Group = $group<$($future),*>;

            fn into_group(self) -> Self::Group {
                let ($($field,)*) = self;
                $group { $($field: Child::new($field)),* }
            }
        }

        impl<E, $($value, $future: Future<Output = Result<$value, E>>),*> Group for $group<$($future),*> {
            type Error = E;
            type Values = ($($value,)*);

            fn count(self: Pin<&mut Self>) -> usize {
                $count
            }

            fn poll_at(self: Pin<&mut Self>, at: usize, cx: &mut Context<'_>) -> Poll<bool> {
                match at {
                    $($at => self.project().$field.poll(cx),)*
                    _ => unreachable!("there are {} futures", $count),
                }
            }

            fn take_error(self: Pin<&mut Self>, at: usize) -> E {
                match at {
                    $($at => failed(self.project().$field.take()),)*
                    _ => unreachable!("there are {} futures", $count),
                }
            }

            fn take_values(self: Pin<&mut Self>) -> Self::Values {
                let this = self.project();
                ($(succeeded(this.$field.take()),)*)
            }

            fn clear(self: Pin<&mut Self>) {
                let mut this = self.project();
                $(this.$field.set(Child::Gone);)*
            }
        }

        impl<T, E, $($future: Future<Output = Result<T, E>>),*> Uniform for $group<$($future),*> {
            type Value = T;
            type Errors = [E; $count];

            fn take(self: Pin<&mut Self>, at: usize) -> Result<T, E> {
                match at {
                    $($at => self.project().$field.take(),)*
                    _ => unreachable!("there are {} futures", $count),
                }
            }

            fn take_errors(self: Pin<&mut Self>) -> Self::Errors {
                let this = self.project();
                [$(failed(this.$field.take())),*]
            }
        }

        impl<$($future: Future),*> fmt::Debug for $group<$($future),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($group))$(.field(&self.$field))*.finish()
            }
        }
    )*};
}

tuple! {
    Group1: 1, 0 A T0 a;
    Group2: 2, 0 A T0 a 1 B T1 b;
    Group3: 3, 0 A T0 a 1 B T1 b 2 C T2 c;
    Group4: 4, 0 A T0 a 1 B T1 b 2 C T2 c 3 D T3 d;
    Group5: 5, 0 A T0 a 1 B T1 b 2 C T2 c 3 D T3 d 4 F T4 f;
    Group6: 6, 0 A T0 a 1 B T1 b 2 C T2 c 3 D T3 d 4 F T4 f 5 G T5 g;
}
