//! A message of one of several types.

macro_rules! either {
    ($($name:ident: $($variant:ident)*;)*) => {$(
        /// What was received, by the place of its receiver in the tuple.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name<$($variant),*> {
            $(
                #[doc = concat!("From the ", stringify!($variant), " receiver.")]
                $variant($variant),
            )*
        }
    )*};
}

either! {
    Either: First Second;
    Either3: First Second Third;
    Either4: First Second Third Fourth;
    Either5: First Second Third Fourth Fifth;
    Either6: First Second Third Fourth Fifth Sixth;
}
