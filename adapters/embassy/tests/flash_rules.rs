//! What a store on flash does with its pages: even wear, no silent loss, and what it says when full.

mod nor_flash;

use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
use klaw_embassy::{
    Checkpointer,
    checkpoint::PageHeader,
    flash::{self, FlashCheckpointer, FlashError},
};
use nor_flash::{Nor, PowerCut, run};

type Chip = Nor<4, 4, 512>;
type Store = FlashCheckpointer<Chip>;
type Error = FlashError<PowerCut>;

fn try_open(chip: &Chip) -> Result<Store, Error> {
    run(FlashCheckpointer::open(chip.clone(), chip.range()))
}

fn open(chip: &Chip) -> Store {
    try_open(chip).unwrap()
}

fn try_load(store: &mut Store, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut buf = [0; 1024];
    run(store.load(key, &mut buf)).map(|value| value.map(<[u8]>::to_vec))
}

fn load(store: &mut Store, key: &[u8]) -> Option<Vec<u8>> {
    try_load(store, key).unwrap()
}

#[test]
fn every_page_wears_alike_also_those_of_values_that_never_change() {
    for pages in [2, 3, 7] {
        let chip = Chip::new(pages, 1);
        let mut store = open(&chip);
        run(store.save(b"constant", &[7; 60])).unwrap();
        for n in 0..4000_u32 {
            run(store.save(b"counter", &n.to_le_bytes())).unwrap();
            if n % 500 == 0 {
                store = open(&chip);
            }
        }
        let erases = chip.erases();
        let (least, most) = (erases.iter().min().unwrap(), erases.iter().max().unwrap());
        assert!(*least > 50 && most - least <= 1, "{erases:?}");
        assert_eq!(load(&mut store, b"constant").unwrap(), [7; 60]);
    }
}

#[test]
fn opening_writes_nothing() {
    let chip = Chip::new(3, 1);
    let mut store = open(&chip);
    for n in 0..30 {
        run(store.save(b"key", &[n; 50])).unwrap();
        let (bytes, steps) = (chip.bytes(), chip.steps());
        store = open(&chip);
        assert_eq!(load(&mut store, b"key").unwrap(), [n; 50]);
        assert_eq!((chip.bytes(), chip.steps()), (bytes, steps));
    }
}

#[test]
fn what_has_no_room_is_refused_without_wear_and_room_can_be_made() {
    let chip = Chip::new(3, 1);
    let mut store = open(&chip);
    let mut kept = 0;
    while run(store.save(&[kept], &[kept; 40])).is_ok() {
        kept += 1;
    }
    assert!(kept > 6, "kept {kept}");
    let steps = chip.steps();
    for _ in 0..3 {
        assert_eq!(run(store.save(b"new", &[1; 40])), Err(FlashError::Full));
        assert_eq!(run(store.save(&[0], &[1; 40])), Err(FlashError::Full));
    }
    assert_eq!(chip.steps(), steps, "nothing was written");
    // A removal is never refused; each of these frees the room for one save.
    for key in 0..kept {
        run(store.remove(&[key])).unwrap();
        assert_eq!(load(&mut store, &[key]), None);
        store = open(&chip);
        assert_eq!(load(&mut store, &[key]), None);
        for other in 0..kept {
            let expected = (other != key).then(|| vec![other; 40]);
            assert_eq!(load(&mut store, &[other]), expected, "{other} when {key} was removed");
        }
        run(store.save(&[key], &[key; 40])).unwrap();
    }
}

#[test]
fn d3_a_removal_without_room_for_its_record_is_done_or_is_not_at_every_cut() {
    let fill = |chip: &Chip| {
        let mut store = open(chip);
        let mut kept = 0;
        for len in [120, 43, 1] {
            while run(store.save(&[kept], &vec![kept; len])).is_ok() {
                kept += 1;
            }
        }
        kept
    };
    let mut rotated = false;
    for cut in 0.. {
        let chip = Chip::new(2, cut);
        let kept = fill(&chip);
        let before = chip.erases();
        let mut store = open(&chip);
        chip.cut_after(cut);
        let removed = run(store.remove(&[1]));
        chip.power_on();
        let mut store = open(&chip);
        let found = load(&mut store, &[1]);
        assert!(found.is_none() || removed.is_err(), "it was acknowledged");
        for other in (0..kept).filter(|key| *key != 1) {
            assert!(load(&mut store, &[other]).is_some_and(|value| value[0] == other));
        }
        if removed.is_ok() {
            rotated |= chip.erases() != before;
            break;
        }
    }
    assert!(rotated, "a page must have been begun for it");
}

#[test]
fn d5_after_a_failed_write_the_store_looks_at_what_there_is() {
    for cut in 0..200 {
        let chip = Chip::new(3, cut);
        let mut store = open(&chip);
        run(store.save(b"key", b"old")).unwrap();
        chip.cut_after(cut);
        let failed = run(store.save(b"key", &[b'n'; 100]));
        chip.power_on();
        // The same store, not opened again.
        let found = load(&mut store, b"key").unwrap();
        assert!(found == [b'n'; 100] || failed.is_err() && found == b"old");
        run(store.save(b"key", b"newer")).unwrap();
        assert_eq!(load(&mut store, b"key").unwrap(), b"newer");
        assert_eq!(load(&mut open(&chip), b"key").unwrap(), b"newer");
    }
}

#[test]
fn damage_to_what_was_durable_is_reported_and_nothing_else_is_ever_loaded() {
    let chip = Chip::new(4, 1);
    let mut store = open(&chip);
    for n in 0..25_u8 {
        run(store.save(&[n % 5], &[n; 30])).unwrap();
    }
    let whole = chip.bytes();
    let (mut reported, mut unnoticed) = (0, 0);
    for at in 0..whole.len() {
        chip.rot(at, 1 << (at % 8));
        match try_open(&chip) {
            Err(error) => {
                assert!(matches!(error, FlashError::Corrupt { .. }), "{error}");
                reported += 1;
            }
            Ok(mut store) => {
                for key in 0..5_u8 {
                    // Nobody can tell the last record from one that was cut short.
                    let value = load(&mut store, &[key]).unwrap();
                    assert!(value == [20 + key; 30] || key == 4 && value == [19; 30], "byte {at}");
                }
                unnoticed += 1;
            }
        }
        // Nor is damage repaired behind the caller's back.
        chip.rot(at, 1 << (at % 8));
        assert_eq!(chip.bytes(), whole);
    }
    assert!(reported > whole.len() / 4 && unnoticed > 0, "{reported} and {unnoticed}");
}

#[test]
fn damage_after_the_scan_is_reported_by_the_load() {
    let chip = Chip::new(2, 1);
    let mut store = open(&chip);
    let value = [0x3c; 64];
    run(store.save(b"key", &value)).unwrap();
    let at = chip.bytes().windows(64).position(|bytes| bytes == value).unwrap();
    chip.rot(at + 9, 0x10);
    let error = try_load(&mut store, b"key").unwrap_err();
    assert!(matches!(error, FlashError::Corrupt { .. }), "{error}");
}

#[test]
fn ranges_that_are_not_whole_pages_are_refused() {
    let chip = Chip::new(4, 1);
    for range in [0..512, 0..0, 4..1028, 0..1000, 512..2048, 512..512 * 5] {
        let opened = run(FlashCheckpointer::open(chip.clone(), range.clone()));
        let fits = range == (512..2048);
        assert_eq!(matches!(opened, Err(FlashError::BadRange)), !fits, "{range:?}");
        assert_eq!(run(flash::format(chip.clone(), range)).is_err(), !fits);
    }
}

#[test]
fn a_store_stays_within_its_range() {
    let mut chip = Chip::new(6, 1);
    run(chip.write(512 - 4, &[0; 4])).unwrap();
    run(chip.write(512 * 4, &[0; 4])).unwrap();
    let mut store = run(FlashCheckpointer::open(chip.clone(), 512..512 * 4)).unwrap();
    for n in 0..100 {
        run(store.save(&[n % 3], &[n; 40])).unwrap();
    }
    let mut chip = store.into_flash();
    let mut edges = [1; 8];
    run(chip.read(512 - 4, &mut edges[..4])).unwrap();
    run(chip.read(512 * 4, &mut edges[4..])).unwrap();
    assert_eq!(edges, [0; 8]);
    assert_eq!([chip.erases()[0], chip.erases()[4], chip.erases()[5]], [0; 3]);
}

#[test]
fn what_is_something_else_is_left_as_it_is_until_it_is_formatted() {
    let mut chip = Chip::new(2, 1);
    run(chip.write(600, b"Dear reader,")).unwrap();
    let before = chip.bytes();
    assert!(matches!(try_open(&chip), Err(FlashError::NotFormatted)));
    assert_eq!(chip.bytes(), before);
    run(flash::format(chip.clone(), chip.range())).unwrap();
    run(open(&chip).save(b"key", b"value")).unwrap();
    assert_eq!(load(&mut open(&chip), b"key").unwrap(), b"value");
}

#[test]
fn another_version_is_told_from_damage() {
    let mut chip = Chip::new(2, 1);
    // As `PageHeader::encode`, for version 9.
    let mut header = PageHeader { first_seq: 1, number: 2, epoch: 1 }.encode();
    header[8] = 9;
    let crc = klaw_embassy::checkpoint::Crc32c::new().update(&header[..12]).update(&header[16..]);
    header[12..16].copy_from_slice(&crc.finish().to_le_bytes());
    run(chip.write(0, &header)).unwrap();
    assert!(matches!(try_open(&chip), Err(FlashError::OtherVersion { found: 9 })));
}

#[test]
fn a_value_that_is_too_long_is_told_how_long_it_may_be() {
    let chip = Chip::new(2, 1);
    let mut store = open(&chip);
    let max = Store::MAX_LEN;
    assert_eq!(run(store.save(b"k", &vec![1; max - 1])), Ok(()));
    let refused = run(store.save(b"k", &vec![1; max]));
    assert_eq!(refused, Err(FlashError::TooLong { len: max + 1, max }));
    assert_eq!(chip.erases(), [0, 0]);
}
