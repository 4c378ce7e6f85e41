//! What is printed.

mod host;
mod host_facts;
mod json;
mod summary;
mod table;
mod verdict;

pub use host::print as host;
pub use json::write as json;
pub use summary::print as summary;
pub use table::print as table;
pub use verdict::{Ratio, Verdict};
