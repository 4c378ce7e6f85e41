//! What can go wrong with a store on flash.

use core::fmt;
use klaw::checkpoint::PageHeader;

/// Why a store on flash could not be opened, read or written.
///
/// `E` is the device's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashError<E> {
    /// The device failed; the next call looks again at what it holds.
    Device(E),
    /// The buffer cannot hold the value.
    BufferTooSmall {
        /// The value's length.
        needed: usize,
    },
    /// Key and value are together too long for one page.
    TooLong {
        /// Bytes of key and value.
        len: usize,
        /// How many there may be.
        max: usize,
    },
    /// No page has room for this besides the values that count; remove some of them.
    Full,
    /// Durable records are damaged; the flash was left as it is.
    Corrupt {
        /// The device's address of the first damaged page or record.
        address: u32,
    },
    /// The range holds something else; it was left as it is.
    NotFormatted,
    /// The range was written by a release with another format; it was left as it is.
    OtherVersion {
        /// The version found.
        found: u32,
    },
    /// The range is not one of two or more whole pages of the device.
    BadRange,
}

impl<E> From<E> for FlashError<E> {
    fn from(error: E) -> Self {
        Self::Device(error)
    }
}

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => write!(f, "the flash device failed: {error:?}"),
            Self::BufferTooSmall { needed } => {
                write!(f, "the value has {needed} bytes; load it into a buffer of that length")
            }
            Self::TooLong { len, max } => write!(
                f,
                "key and value have {len} bytes, a page has room for {max}; save parts under \
                 keys of their own"
            ),
            Self::Full => f.write_str(
                "no page of the flash has room for this; remove values, or give it more pages",
            ),
            Self::Corrupt { address } => write!(
                f,
                "durable records at address {address:#x} are damaged and the flash was left as it \
                 is; restore it from a copy, or format it to give up what it holds"
            ),
            Self::NotFormatted => f.write_str(
                "the range of the flash holds something else and was left as it is; choose \
                 another range, or format it",
            ),
            Self::OtherVersion { found } => write!(
                f,
                "the flash has format version {found}, this release reads {}; use the release \
                 that wrote it",
                PageHeader::VERSION
            ),
            Self::BadRange => f.write_str(
                "the range must begin and end with a page of the device, and have two or more",
            ),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}
