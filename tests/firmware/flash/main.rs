//! Checkpoints that outlast resets of the chip, many of them in the midst of a save.

#![no_std]
#![no_main]

mod kept;
mod nor;

use core::panic::PanicInfo;
use cortex_m::peripheral::SCB;
use embassy_futures::block_on;
use embedded_storage_async::nor_flash::NorFlashErrorKind;
use kept::{FLASH, Note};
use klaw_embassy::{
    Checkpointer,
    flash::{FlashCheckpointer, FlashError, format},
};
use klaw_firmware::{heap::NoHeap, host};
use nor::Nor;

#[global_allocator]
static HEAP: NoHeap = NoHeap;

type Error = FlashError<NorFlashErrorKind>;

/// How often the chip is reset.
const BOOTS: u32 = 200;
/// What the notes hold after the first boot.
const MARK: u32 = 0x6b6c_6177;
const SETTINGS: [u8; 40] = [0x5a; 40];
const RANGE: core::ops::Range<u32> = 0..FLASH as u32;

#[cortex_m_rt::entry]
fn main() -> ! {
    let result = if Note::Mark.get() == MARK { block_on(later()) } else { block_on(first()) };
    match result {
        Ok(()) => host::end(true),
        Err(error) => {
            host::say_formatted(format_args!("FAILED  boot {}: {error}\n", Note::Boots.get()));
            host::end(false)
        }
    }
}

/// The first boot: there is no store yet.
async fn first() -> Result<(), Error> {
    for note in [Note::Boots, Note::Acknowledged, Note::CutWrites, Note::CutErases] {
        note.set(0);
    }
    Note::Mark.set(MARK);
    let refused = FlashCheckpointer::open(Nor::new(), RANGE).await;
    assert!(matches!(refused, Err(FlashError::NotFormatted)), "the memory holds no store");
    format(Nor::new(), RANGE).await?;
    let mut store = FlashCheckpointer::open(Nor::new(), RANGE).await?;
    store.save(b"settings", &SETTINGS).await?;
    store.save(b"counter", &0_u32.to_le_bytes()).await?;
    SCB::sys_reset()
}

/// Every later boot: what was acknowledged is there, and counting goes on until the next reset.
async fn later() -> Result<(), Error> {
    Note::Boots.add_one();
    let boot = Note::Boots.get();
    // Some resets come soon, others when pages were erased and copied.
    let words = boot.wrapping_mul(0x9e37_79b1) >> 16;
    let nor = if boot < BOOTS { Nor::resets_after(words % 400) } else { Nor::new() };
    let mut store = FlashCheckpointer::open(nor, RANGE).await?;

    let mut buf = [0; 64];
    assert_eq!(store.load(b"settings", &mut buf).await?, Some(&SETTINGS[..]));
    let counter = store.load(b"counter", &mut buf).await?;
    let Some(counter) = counter.and_then(|bytes| bytes.try_into().ok()) else {
        panic!("the counter is lost");
    };
    let counter = u32::from_le_bytes(counter);
    let acknowledged = Note::Acknowledged.get();
    assert!(counter == acknowledged || counter == acknowledged + 1, "a wrong counter");
    if boot == BOOTS {
        report(counter);
        return Ok(());
    }
    // What was read stays, also if it had not been acknowledged.
    Note::Acknowledged.set(counter);
    let mut next = counter;
    loop {
        next += 1;
        store.save(b"counter", &next.to_le_bytes()).await?;
        Note::Acknowledged.set(next);
    }
}

fn report(saves: u32) {
    let (writes, erases) = (Note::CutWrites.get(), Note::CutErases.get());
    assert!(writes > 0 && erases > 0, "resets hit writes and erases");
    assert_eq!(writes + erases + 1, BOOTS, "every boot but the last was reset in the midst");
    host::say(&["ok      flash::state_survives_resets_in_the_midst_of_saves\n"]);
    for (number, what) in [
        (BOOTS, " resets, in "),
        (writes, " writes and "),
        (erases, " erases, during "),
        (saves, " saves\n"),
    ] {
        host::say_number(number);
        host::say(&[what]);
    }
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    host::say_formatted(format_args!("FAILED  {info}\n"));
    host::end(false)
}
