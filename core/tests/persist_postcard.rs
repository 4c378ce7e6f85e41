//! Serde types as kept values: room, shapes, leftovers.

use klaw::checkpoint::{
    Persist, PersistError, SEAL_LEN, Writer, open,
    postcard::{decode, encode, schema_of},
    seal,
};
use postcard_schema::Schema;
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// One type in several shapes, each with the version `V`.
#[derive(Serialize, Deserialize, Schema, Debug, PartialEq, Clone)]
struct Kept<T> {
    value: T,
}

#[derive(Serialize, Deserialize, Schema, Debug, PartialEq)]
struct Renamed {
    other: u32,
}

macro_rules! kept {
    ($($type:ty),*) => {$(
        impl Persist for $type {
            const TYPE: &'static str = "kept";
            const VERSION: u32 = 1;
            const SCHEMA: u64 = schema_of::<Self>();

            fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
                encode(self, out)
            }

            fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
                decode(bytes)
            }
        }
    )*};
}

kept!(Kept<u32>, Kept<i32>, Kept<Option<u32>>, Kept<Vec<u64>>, Kept<(String, Vec<u8>)>, Renamed);

fn there_and_back<T: Persist>(value: &T) -> T {
    let mut buf = vec![0; 1 << 12];
    open(seal(value, &mut buf).unwrap()).unwrap()
}

#[track_caller]
fn refuses<T: Persist>(bytes: &[u8]) {
    let refused = open::<T>(bytes).err();
    assert_eq!(refused, Some(PersistError::SchemaChanged { version: 1 }));
}

#[test]
fn a_changed_shape_without_a_new_version_is_refused() {
    let mut buf = [0; 64];
    let bytes = seal(&Kept { value: 7_u32 }, &mut buf).unwrap();
    assert_eq!(open(bytes), Ok(Kept { value: 7_u32 }));
    refuses::<Kept<i32>>(bytes);
    refuses::<Kept<Option<u32>>>(bytes);
    refuses::<Renamed>(bytes);
}

#[test]
fn what_is_left_over_or_missing_is_malformed() {
    fn of<T: DeserializeOwned>(bytes: &[u8]) -> Option<PersistError> {
        decode::<T>(bytes).err()
    }
    assert_eq!(of::<u8>(&[1]), None);
    assert_eq!(of::<u8>(&[1, 2]), Some(PersistError::Malformed));
    assert_eq!(of::<u8>(&[]), Some(PersistError::Malformed));
    // A length of 2^63: nothing is allocated for what is not there.
    let long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert_eq!(of::<Vec<u64>>(&long), Some(PersistError::Malformed));
    assert_eq!(of::<String>(&long), Some(PersistError::Malformed));
}

#[test]
fn a_value_without_an_encoding_is_an_error() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;
            serializer.serialize_seq(None)?.end()
        }
    }
    impl Persist for Endless {
        const TYPE: &'static str = "endless";
        const VERSION: u32 = 1;
        const SCHEMA: u64 = 0;

        fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
            encode(self, out)
        }

        fn decode(found: u32, _: &[u8]) -> Result<Self, PersistError> {
            Err(PersistError::TooOld { found })
        }
    }
    assert_eq!(seal(&Endless, &mut [0; 64]), Err(PersistError::Unencodable));
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened(text: String, bytes: Vec<u8>, numbers: Vec<u64>) {
        let value = Kept { value: (text, bytes) };
        prop_assert_eq!(&there_and_back(&value), &value);
        let value = Kept { value: numbers };
        prop_assert_eq!(&there_and_back(&value), &value);
    }

    #[test]
    fn what_is_needed_is_what_it_takes(numbers: Vec<u64>, short in 1_usize..SEAL_LEN + 4) {
        let value = Kept { value: numbers };
        let mut buf = vec![0; 1 << 12];
        let len = seal(&value, &mut buf).unwrap().len();
        prop_assert!(seal(&value, &mut vec![0; len]).is_ok());
        let refused = seal(&value, &mut vec![0; len.saturating_sub(short)]).map(<[u8]>::len);
        prop_assert_eq!(refused, Err(PersistError::NoRoom { needed: len }));
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes: Vec<u8>) {
        let _ = decode::<Kept<Vec<u64>>>(&bytes);
        let _ = decode::<Kept<(String, Vec<u8>)>>(&bytes);
    }
}
