//! Sealed values: of any bytes, of any body in a sound envelope, and of sound ones that were damaged.
#![no_main]

use core::fmt::Debug;
use klaw::checkpoint::{
    Crc32c, Persist, PersistError, SEAL_LEN, Writer, key_hash, open, postcard, seal,
};
use klaw_fuzz::Damage;
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// As long as a value may be.
const ROOM: usize = 1 << 20;

/// A value with a format of its own, in its second version.
#[derive(Debug, PartialEq)]
struct Counter {
    n: u64,
}

impl Persist for Counter {
    const TYPE: &'static str = "counter";
    const VERSION: u32 = 2;
    const SCHEMA: u64 = key_hash(b"n u64");

    fn encode(&self, out: &mut Writer<'_>) -> core::result::Result<(), PersistError> {
        out.write(&self.n.to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> core::result::Result<Self, PersistError> {
        match version {
            1 => Ok(Self { n: u32::from_le_bytes(bytes.try_into()?).into() }),
            2 => Ok(Self { n: u64::from_le_bytes(bytes.try_into()?) }),
            found => Err(PersistError::TooOld { found }),
        }
    }
}

/// A value with all that has a length of its own.
#[derive(Serialize, Deserialize, Schema, Debug, PartialEq)]
struct Progress {
    names: Vec<String>,
    parts: BTreeMap<u16, Option<Vec<u32>>>,
    state: State,
}

#[derive(Serialize, Deserialize, Schema, Debug, PartialEq)]
enum State {
    New,
    Running { since: u64, rate: f32 },
    Done(Result3, char, bool),
}

#[derive(Serialize, Deserialize, Schema, Debug, PartialEq)]
struct Result3(i128, (), [i8; 3]);

impl Persist for Progress {
    const TYPE: &'static str = "progress";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = postcard::schema_of::<Self>();

    fn encode(&self, out: &mut Writer<'_>) -> core::result::Result<(), PersistError> {
        postcard::encode(self, out)
    }

    fn decode(version: u32, bytes: &[u8]) -> core::result::Result<Self, PersistError> {
        match version {
            1 => postcard::decode(bytes),
            found => Err(PersistError::TooOld { found }),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    opened::<Counter>(input);
    opened::<Progress>(input);
    // Input that is too short for an envelope is none.
    let _: Result<()> = enveloped(Unstructured::new(input));
});

/// What is read is written again, and that is the same value.
fn opened<T: Persist + Debug>(bytes: &[u8]) -> Option<T> {
    let value = open::<T>(bytes).ok()?;
    let mut buf = vec![0; ROOM];
    let again = seal(&value, &mut buf).unwrap();
    let again = open::<T>(again).unwrap();
    // Compared as text, in which also what is no number equals itself.
    assert_eq!(format!("{value:?}"), format!("{again:?}"));
    Some(value)
}

fn enveloped(mut u: Unstructured<'_>) -> Result<()> {
    let version = u.int_in_range(0..=3_u32)?;
    let progress: bool = u.arbitrary()?;
    let (kind, schema) = if progress {
        (Progress::TYPE, <Progress as Persist>::SCHEMA)
    } else {
        (Counter::TYPE, Counter::SCHEMA)
    };
    let damage = match u.arbitrary()? {
        true => Some(u.bytes(9)?),
        false => None,
    };
    let body = u.take_rest();
    let mut bytes = vec![0; SEAL_LEN];
    bytes[..4].copy_from_slice(b"klwv");
    bytes[8..16].copy_from_slice(&key_hash(kind.as_bytes()).to_le_bytes());
    bytes[16..24].copy_from_slice(&schema.to_le_bytes());
    bytes[24..28].copy_from_slice(&version.to_le_bytes());
    bytes[28..32].copy_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend(body);
    let crc = Crc32c::new().update(&bytes[..4]).update(&bytes[8..]).finish();
    bytes[4..8].copy_from_slice(&crc.to_le_bytes());

    if let Some(damage) = damage {
        let sound = bytes.clone();
        Damage::arbitrary(&mut Unstructured::new(damage), 0, bytes.len())?.apply(&mut bytes);
        if bytes != sound {
            assert!(open::<Counter>(&bytes).is_err() && open::<Progress>(&bytes).is_err());
        }
        return Ok(());
    }
    let (counter, progressed) = (open::<Counter>(&bytes), open::<Progress>(&bytes));
    if progress {
        assert_eq!(counter, Err(PersistError::OtherType));
        match progressed {
            Ok(_) => assert_eq!(version, 1),
            Err(error) if version > 1 => {
                assert_eq!(error, PersistError::TooNew { found: version, known: 1 });
            }
            Err(error) if version == 0 => assert_eq!(error, PersistError::TooOld { found: 0 }),
            Err(error) => assert_eq!(error, PersistError::Malformed),
        }
        opened::<Progress>(&bytes);
    } else {
        assert_eq!(progressed, Err(PersistError::OtherType));
        let expected = match version {
            0 => Err(PersistError::TooOld { found: 0 }),
            1 if body.len() == 4 => Ok(()),
            2 if body.len() == 8 => Ok(()),
            3 => Err(PersistError::TooNew { found: 3, known: 2 }),
            _ => Err(PersistError::Malformed),
        };
        assert_eq!(counter.map(drop), expected);
        opened::<Counter>(&bytes);
    }
    Ok(())
}
