//! A bound on retries for all callers of a service together.

use crate::sync::{Lock, const_fn};
use core::fmt;

/// A store of tokens that calls fill and retries empty, shared by many runs.
///
/// When a service fails as a whole, every caller retries, which multiplies the load just then. With
/// a budget, each run pays `percent` hundredths of a token in, and each retry takes a whole one out;
/// without one there is no retry. So in the long run retries are at most that share of the runs.
///
/// It knows no time: a store that was emptied fills with calls only.
///
/// # Examples
///
/// ```
/// use klaw::retry::RetryBudget;
///
/// // Ten retries ahead, then one for every five runs.
/// static BUDGET: RetryBudget = RetryBudget::new(10, 20);
/// assert_eq!(BUDGET.tokens(), 10);
/// ```
pub struct RetryBudget {
    // In hundredths.
    balance: Lock<u64>,
    most: u64,
    deposit: u64,
}

/// Hundredths to a token.
const TOKEN: u64 = 100;

impl RetryBudget {
    const_fn! {
        /// A full store of at most `tokens` tokens, in which each run pays `percent` hundredths.
        #[must_use]
        pub const fn new(tokens: u32, percent: u32) -> Self {
            let most = tokens as u64 * TOKEN;
            Self { balance: Lock::new(most), most, deposit: percent as u64 }
        }
    }

    /// How many retries there are tokens for now.
    pub fn tokens(&self) -> u32 {
        // As many as there were made of a `u32` fit into one.
        (self.balance.with(|balance| *balance) / TOKEN) as u32
    }

    /// Pays in for one run.
    pub fn deposit(&self) {
        self.balance.with(|balance| *balance = self.most.min(*balance + self.deposit));
    }

    /// Takes a token for one retry; false if there is none.
    #[must_use = "without a token there is no retry"]
    pub fn withdraw(&self) -> bool {
        self.balance.with(|balance| match balance.checked_sub(TOKEN) {
            Some(rest) => {
                *balance = rest;
                true
            }
            None => false,
        })
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("tokens", &self.tokens()).finish_non_exhaustive()
    }
}
