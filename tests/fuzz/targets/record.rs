//! Single frames and headers of files: of any bytes, and of sound ones that were damaged.
#![no_main]

use klaw::checkpoint::{
    FileHeader, HEADER_LEN, Header, Record, RecordKind, decode, encode, key_hash, record::frame_len,
};
use klaw_fuzz::Damage;
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};

fuzz_target!(|input: &[u8]| {
    any_bytes(input);
    // Input that is too short for a record is none.
    let _: Result<()> = damaged(Unstructured::new(input));
});

fn any_bytes(bytes: &[u8]) {
    if let Ok((record, len)) = decode(bytes, 24) {
        assert_eq!(frame_len(bytes), Ok(len));
        assert_eq!(len, HEADER_LEN + record.payload.len());
        let mut again = vec![0; len];
        assert_eq!(encode(&record, 24, &mut again), Ok(len));
        assert_eq!(again, bytes[..len]);
    }
    if let Ok(header) = FileHeader::decode(bytes) {
        assert_eq!(header.encode(), bytes[..FileHeader::LEN]);
        assert!(!FileHeader::is_unfinished(&bytes[..FileHeader::LEN]));
    }
    let _ = FileHeader::is_unfinished(bytes);
}

fn damaged(mut u: Unstructured<'_>) -> Result<()> {
    let at = u.arbitrary()?;
    let header = Header {
        epoch: u.arbitrary()?,
        seq: u.arbitrary()?,
        synced_upto: u.arbitrary()?,
        kind: RecordKind::user(u.int_in_range(0..=239)?),
        schema: u.arbitrary()?,
        key: key_hash(u.bytes(4)?),
    };
    let len = u.arbitrary_len::<u8>()?;
    let payload = u.bytes(len)?.to_vec();
    let record = Record { header, payload: &payload };
    let mut bytes = vec![0; HEADER_LEN + payload.len()];
    let len = encode(&record, at, &mut bytes).unwrap();
    assert_eq!(decode(&bytes, at), Ok((record, len)));

    let sound = bytes.clone();
    Damage::arbitrary(&mut u, 0, len)?.apply(&mut bytes);
    let is_sound = bytes.get(..len) == Some(&sound[..]);
    assert_eq!(decode(&bytes, at).is_ok(), is_sound);
    if is_sound {
        let moved = at ^ 1 << u.int_in_range(0..=63)?;
        assert!(decode(&bytes, moved).is_err());
    }
    Ok(())
}
