//! What fuzz targets share: logs that are valid, and what may happen to them.

pub mod damage;
pub mod log;

pub use damage::Damage;
pub use log::Log;
