//! Kept values: versions, shapes, damage.

use klaw::checkpoint::{Crc32c, Persist, PersistError, SEAL_LEN, Writer, key_hash, open, seal};
use proptest::prelude::*;

/// A chain of three versions; version 1 is no longer read by anyone.
#[derive(Debug, PartialEq, Clone)]
struct V2 {
    n: u32,
}

#[derive(Debug, PartialEq, Clone)]
struct V3 {
    n: u64,
    names: Vec<u8>,
}

impl Persist for V2 {
    const TYPE: &'static str = "value";
    const VERSION: u32 = 2;
    const SCHEMA: u64 = key_hash(b"n u32");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&self.n.to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        match version {
            2 => Ok(Self { n: u32::from_le_bytes(bytes.try_into()?) }),
            found => Err(PersistError::TooOld { found }),
        }
    }
}

impl From<V2> for V3 {
    fn from(V2 { n }: V2) -> Self {
        Self { n: n.into(), names: vec![] }
    }
}

impl Persist for V3 {
    const TYPE: &'static str = "value";
    const VERSION: u32 = 3;
    const SCHEMA: u64 = key_hash(b"n u64, names bytes");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(&self.n.to_le_bytes());
        out.write(&self.names);
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        match version {
            3 => {
                let (n, names) = bytes.split_first_chunk().ok_or(PersistError::Malformed)?;
                Ok(Self { n: u64::from_le_bytes(*n), names: names.to_vec() })
            }
            older => V2::decode(older, bytes).map(Self::from),
        }
    }

    fn schema(version: u32) -> Option<u64> {
        if version == 3 { Some(Self::SCHEMA) } else { V2::schema(version) }
    }
}

/// The same four bytes under another name, version or shape.
macro_rules! like_v2 {
    ($name:ident, $type:literal, $version:literal, $schema:expr) => {
        #[derive(Debug, PartialEq)]
        struct $name(V2);

        impl Persist for $name {
            const TYPE: &'static str = $type;
            const VERSION: u32 = $version;
            const SCHEMA: u64 = $schema;

            fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
                self.0.encode(out)
            }

            fn decode(_: u32, bytes: &[u8]) -> Result<Self, PersistError> {
                V2::decode(2, bytes).map(Self)
            }
        }
    };
}

like_v2!(First, "value", 1, 1);
like_v2!(OtherType, "other", 2, V2::SCHEMA);
like_v2!(OtherShape, "value", 2, key_hash(b"n i32"));

fn sealed<T: Persist>(value: &T) -> Vec<u8> {
    let mut buf = vec![0; 1 << 12];
    seal(value, &mut buf).unwrap().to_vec()
}

#[test]
fn older_versions_are_read_along_the_chain() {
    assert_eq!(open(&sealed(&V2 { n: 7 })), Ok(V2 { n: 7 }));
    assert_eq!(open(&sealed(&V2 { n: 7 })), Ok(V3 { n: 7, names: vec![] }));
    let first = sealed(&First(V2 { n: 7 }));
    assert_eq!(open::<V2>(&first), Err(PersistError::TooOld { found: 1 }));
    assert_eq!(open::<V3>(&first), Err(PersistError::TooOld { found: 1 }));
}

#[test]
fn a_newer_version_is_refused() {
    let newer = sealed(&V3 { n: 7, names: vec![] });
    assert_eq!(open::<V2>(&newer), Err(PersistError::TooNew { found: 3, known: 2 }));
    assert_eq!(open::<First>(&newer), Err(PersistError::TooNew { found: 3, known: 1 }));
}

#[test]
fn another_type_is_refused() {
    assert_eq!(open::<V2>(&sealed(&OtherType(V2 { n: 7 }))), Err(PersistError::OtherType));
    assert_eq!(open::<OtherType>(&sealed(&V2 { n: 7 })), Err(PersistError::OtherType));
}

#[test]
fn a_changed_shape_is_refused_in_every_version_of_the_chain() {
    let changed = PersistError::SchemaChanged { version: 2 };
    let other = sealed(&OtherShape(V2 { n: 7 }));
    assert_eq!(open::<V2>(&other), Err(changed));
    assert_eq!(open::<V3>(&other), Err(changed));
    assert_eq!(open::<OtherShape>(&sealed(&V2 { n: 7 })), Err(changed));
}

#[test]
fn every_flipped_bit_is_detected() {
    let whole = sealed(&V3 { n: 7, names: b"names".to_vec() });
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let in_magic_or_len = bit / 8 < 4 || (28..32).contains(&(bit / 8));
        let expected =
            if in_magic_or_len { PersistError::NotSealed } else { PersistError::Damaged };
        assert_eq!(open::<V3>(&bytes), Err(expected), "bit {bit}");
    }
}

#[test]
fn every_part_and_every_extension_is_refused() {
    let mut whole = sealed(&V3 { n: 7, names: b"names".to_vec() });
    for len in 0..whole.len() {
        assert_eq!(open::<V3>(&whole[..len]), Err(PersistError::NotSealed), "{len} bytes");
    }
    whole.push(0);
    assert_eq!(open::<V3>(&whole), Err(PersistError::NotSealed));
}

/// The format is written down in `sealed.rs`; whoever changes it sees this fail.
#[test]
fn the_bytes_are_those_of_the_table() {
    let mut expected = b"klwv\0\0\0\0".to_vec();
    expected.extend(key_hash(b"value").to_le_bytes());
    expected.extend(key_hash(b"n u32").to_le_bytes());
    expected.extend([2, 0, 0, 0, 4, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]);
    let crc = Crc32c::new().update(&expected[..4]).update(&expected[8..]).finish();
    expected[4..8].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(sealed(&V2 { n: 0x1234_5678 }), expected);
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened(n: u64, names: Vec<u8>) {
        let value = V3 { n, names };
        prop_assert_eq!(open(&sealed(&value)), Ok(value));
    }

    #[test]
    fn a_short_buffer_is_told_what_it_takes(names: Vec<u8>, room: prop::sample::Index) {
        let value = V3 { n: 1, names };
        let needed = SEAL_LEN + 8 + value.names.len();
        let mut buf = vec![0; room.index(needed)];
        prop_assert_eq!(seal(&value, &mut buf), Err(PersistError::NoRoom { needed }));
        prop_assert_eq!(seal(&value, &mut vec![0; needed]).map(<[u8]>::len), Ok(needed));
    }

    #[test]
    fn no_bytes_make_opening_panic(mut bytes: Vec<u8>, dressed: bool) {
        if let (true, Some(magic)) = (dressed, bytes.first_chunk_mut()) {
            *magic = *b"klwv";
        }
        prop_assert!(open::<V3>(&bytes).is_err());
    }
}
