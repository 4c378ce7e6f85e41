//! A store on flash does what every store does.

#[path = "../../../core/tests/block_on/mod.rs"]
mod block_on;
#[path = "../../../tests/scenarios/checkpointer.rs"]
mod checkpointer;
mod nor_flash;

use block_on::block_on;
use checkpointer::Medium;
use klaw_embassy::flash::{FlashCheckpointer, FlashError};
use nor_flash::{Nor, PowerCut};

/// Four pages of 4 KiB, as on most chips.
struct Pages<const READ: usize, const WRITE: usize>(Nor<READ, WRITE, 4096>);

impl<const READ: usize, const WRITE: usize> Default for Pages<READ, WRITE> {
    fn default() -> Self {
        let chip = Nor::new(4, 1);
        chip.set_pends(true);
        Self(chip)
    }
}

impl<const READ: usize, const WRITE: usize> Medium for Pages<READ, WRITE> {
    type Store = FlashCheckpointer<Nor<READ, WRITE, 4096>>;

    const LARGEST: usize = Self::Store::MAX_LEN - 1;

    fn open(&mut self) -> Self::Store {
        block_on(FlashCheckpointer::open(self.0.clone(), self.0.range())).unwrap()
    }

    fn close(&mut self, store: Self::Store) {
        drop(store.into_flash());
    }

    fn needed(error: &FlashError<PowerCut>) -> Option<usize> {
        match error {
            FlashError::BufferTooSmall { needed } => Some(*needed),
            _ => None,
        }
    }

    fn is_too_long(error: &FlashError<PowerCut>) -> bool {
        matches!(error, FlashError::TooLong { .. })
    }
}

mod bytes {
    crate::checkpointer::on_medium!(super::Pages<1, 1>);
}

mod words {
    crate::checkpointer::on_medium!(super::Pages<4, 8>);
}
