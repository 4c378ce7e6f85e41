//! What is trusted of a log: of any bytes, and of a log that was damaged.
#![no_main]

use klaw::checkpoint::{Corrupt, recover};
use klaw_fuzz::{Damage, Log, log::FIRST_SEQ};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};

fuzz_target!(|input: &[u8]| {
    if let Some((0x80.., bytes)) = input.split_first() {
        any_bytes(bytes);
    } else {
        // Input that is too short for a log is none.
        let _: Result<()> = damaged(Unstructured::new(input));
    }
});

fn any_bytes(bytes: &[u8]) {
    let (mut read, mut seq) = (0, 7);
    let result = recover(bytes, 3, 7, |record| {
        assert_eq!(record.header.seq, seq);
        seq += 1;
        read += klaw::checkpoint::HEADER_LEN + record.payload.len();
    });
    match result {
        Ok(sound) => {
            assert_eq!(sound.end.at(), 3 + read as u64);
            assert_eq!(sound.end.next_seq(), seq);
            assert_eq!(sound.torn, bytes[read..].iter().any(|&byte| byte != 0));
        }
        Err(Corrupt { offset, witness }) => {
            assert_eq!(offset, 3 + read as u64);
            assert!(witness > offset && witness < 3 + bytes.len() as u64);
        }
    }
}

/// Everything before the first damaged frame is found, nothing behind it, and it is known for what it is.
fn damaged(mut u: Unstructured<'_>) -> Result<()> {
    let log = Log::arbitrary(&mut u)?;
    let mut bytes = log.bytes.clone();
    for _ in 0..u.int_in_range(0..=4)? {
        let len = bytes.len();
        Damage::arbitrary(&mut u, 0, len)?.apply(&mut bytes);
    }
    let sound = log.frames.iter().take_while(|frame| log.is_whole_in(**frame, &bytes)).count();
    let end = log.frames.get(sound).map_or_else(
        || log.frames.last().map_or(log.start, |last| last.at + last.len as u64),
        |broken| broken.at,
    );
    let rest = log.frames.get(sound + 1..).unwrap_or_default();
    let witness = rest
        .iter()
        .find(|frame| frame.synced_upto > end && log.is_whole_in(**frame, &bytes))
        .map(|frame| frame.at);

    let mut found = 0;
    let result = recover(&bytes, log.start, FIRST_SEQ, |record| {
        assert_eq!(record, log.record(log.frames[found]));
        found += 1;
    });
    assert_eq!(found, sound);
    match (result, witness) {
        (Ok(recovered), None) => assert_eq!(recovered.end.at(), end),
        (Err(corrupt), Some(witness)) => assert_eq!(corrupt, Corrupt { offset: end, witness }),
        (result, witness) => panic!("{result:?}, though the witness is {witness:?}"),
    }
    Ok(())
}
