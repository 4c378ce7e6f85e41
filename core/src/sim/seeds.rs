//! One scenario under many seeds.

use super::Sim;
use crate::panic::catch;
use alloc::{
    format,
    string::{String, ToString},
};
use core::fmt::{Debug, Write};
use std::env;

/// Scenarios to be run under each of these seeds.
///
/// # Examples
///
/// ```
/// use klaw::sim;
///
/// sim::seeds(0..10).run(async |sim| {
///     sim.spawn(async {});
/// });
/// ```
pub fn seeds<I: IntoIterator<Item = u64>>(seeds: I) -> Seeds<I> {
    Seeds { seeds }
}

/// Seeds under which a scenario is run; made by [`seeds`].
#[derive(Clone, Debug)]
#[must_use = "no scenario is run until `run`"]
pub struct Seeds<I> {
    seeds: I,
}

/// The environment variable with the one seed to run.
const REPLAY: &str = "KLAW_SIM_SEED";

/// How many faults and events a failure is told with.
const TOLD: usize = 200;

impl<I: IntoIterator<Item = u64>> Seeds<I> {
    /// Runs `scenario` as the root of a fresh [`Sim`] under each seed in turn.
    ///
    /// If the environment variable `KLAW_SIM_SEED` holds a number, that seed alone is run, traced,
    /// whether it is among the seeds or not; the panic then ends with the trace.
    ///
    /// # Panics
    ///
    /// At the first seed under which the run [fails](super::RunError), the scenario's result is
    /// an error, or a destructor panics when the simulation is dropped. The message says what went
    /// wrong, which faults were injected before, and how to run that seed alone. Also if
    /// `KLAW_SIM_SEED` is not a number.
    #[track_caller]
    pub fn run<V: Verdict>(self, mut scenario: impl AsyncFnMut(&Sim) -> V) {
        let failed = match replayed(env::var_os(REPLAY).map(|seed| seed.to_string_lossy().into())) {
            Ok(Some(seed)) => attempt(seed, true, &mut scenario).err(),
            Ok(None) => {
                self.seeds.into_iter().find_map(|seed| attempt(seed, false, &mut scenario).err())
            }
            Err(error) => Some(error),
        };
        if let Some(failure) = failed {
            panic!("{failure}");
        }
    }
}

/// What a scenario returns: nothing, or a [`Result`] whose error fails the seed.
pub trait Verdict {
    /// Why the seed failed, if it did.
    fn failure(self) -> Option<String>;
}

impl Verdict for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<T, E: Debug> Verdict for Result<T, E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| format!("the scenario gave an error: {error:?}"))
    }
}

/// The seed to run alone.
fn replayed(variable: Option<String>) -> Result<Option<u64>, String> {
    let Some(text) = variable else { return Ok(None) };
    match text.parse() {
        Ok(seed) => Ok(Some(seed)),
        Err(error) => Err(format!("{REPLAY}={text} is not a seed: {error}")),
    }
}

/// Runs one seed; the message if it failed.
fn attempt<V: Verdict>(
    seed: u64,
    traced: bool,
    scenario: &mut impl AsyncFnMut(&Sim) -> V,
) -> Result<(), String> {
    let sim = Sim::new(seed);
    sim.trace(traced);
    let failure = match sim.run(scenario(&sim)) {
        Ok(verdict) => verdict.failure(),
        Err(error) => Some(error.to_string()),
    };
    let told = failure.map(|failure| message(&sim, &failure));
    // After the message was made, which the destructors would have nothing to add to.
    let dropped = catch(|| drop(sim));
    match (told, dropped) {
        (Some(told), _) => Err(told),
        (None, Err(panic)) => {
            Err(format!("seed {seed}: a destructor panicked at the end: {panic}\n{REPLAY}={seed}"))
        }
        (None, Ok(())) => Ok(()),
    }
}

fn message(sim: &Sim, failure: &str) -> String {
    let seed = sim.seed();
    let mut text = format!("seed {seed}: {failure}\n");
    tell(&mut text, "faults", &sim.faults());
    tell(&mut text, "events", &sim.events());
    // Writing to a string cannot fail.
    let _ = write!(text, "to run this seed alone, and traced:\n{REPLAY}={seed}");
    text
}

/// The last of these, a line each, if there are any.
fn tell(text: &mut String, what: &str, list: &[impl core::fmt::Display]) {
    let skipped = list.len().saturating_sub(TOLD);
    if !list.is_empty() {
        let _ = writeln!(text, "{what} ({skipped} earlier ones left out):");
    }
    for item in &list[skipped..] {
        let _ = writeln!(text, "  {item}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_a_number_or_an_error() {
        let set = |text: &str| replayed(Some(text.to_string()));
        assert_eq!(replayed(None), Ok(None));
        assert_eq!(set("7"), Ok(Some(7)));
        assert_eq!(set("18446744073709551615"), Ok(Some(u64::MAX)));
        let error = set("seven").unwrap_err();
        assert!(error.starts_with("KLAW_SIM_SEED=seven is not a seed"), "{error}");
        assert!(set("").is_err() && set("-1").is_err());
    }
}
