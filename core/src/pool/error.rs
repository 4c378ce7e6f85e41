//! What can go wrong with a pool.

use core::{error::Error, fmt};

/// The pool takes no more orders: it was stopped, or no member is left and none will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolClosed;

impl fmt::Display for PoolClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pool is closed")
    }
}

impl Error for PoolClosed {}
