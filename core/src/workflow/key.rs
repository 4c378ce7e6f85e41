//! What a recorded outcome is found by.

use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};
use core::fmt::{self, Write};

/// What kind of operation a key names; a part of the key, so that kinds are never mixed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Operation {
    Step = 1,
    Sleep = 2,
    Now = 3,
    Random = 4,
    Patch = 5,
}

/// Where a scope's path ends; no part of a path is as long.
const END: u32 = u32::MAX;
const NOT_KEYED: u8 = 0;
const KEYED: u8 = 1;

/// Bytes of the number at the end of a key.
const USE_LEN: usize = 8;

/// What a step is found by: the path of its scope, its name, its key if it has one, and how often that
/// was used before.
///
/// It does not depend on what else runs: steps may be replayed in any order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepKey(Box<[u8]>);

/// A key before its last part, the use, is known.
#[derive(Clone, Debug)]
pub(super) struct Place(Vec<u8>);

/// Appends one part of a scope's path to `path`.
pub(super) fn push_scope(path: &mut Vec<u8>, name: &str) {
    push_text(path, name);
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

impl Place {
    pub(super) fn new(operation: Operation, scope: &[u8], name: &str) -> Self {
        // Room for the use as well.
        let mut bytes = Vec::with_capacity(scope.len() + name.len() + 10 + USE_LEN);
        bytes.push(operation as u8);
        bytes.extend_from_slice(scope);
        bytes.extend_from_slice(&END.to_le_bytes());
        push_text(&mut bytes, name);
        bytes.push(NOT_KEYED);
        Self(bytes)
    }

    /// The place of `of`, with `key` beside its name instead of what it had.
    pub(super) fn keyed(of: &StepKey, key: &str) -> Self {
        let mut bytes = of.place().to_vec();
        let without = parse(&of.0).map_or(0, |parts| parts.keyed_at);
        bytes.truncate(without);
        bytes.push(KEYED);
        push_text(&mut bytes, key);
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key of use number `n`, of which the first is 1.
    pub(super) fn nth(&self, n: u64) -> StepKey {
        let mut bytes = Vec::with_capacity(self.0.len() + USE_LEN);
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(&n.to_le_bytes());
        StepKey(bytes.into_boxed_slice())
    }
}

impl StepKey {
    /// The key that was written as `bytes`; none if no release writes such a key.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::is_valid(bytes).then(|| Self(bytes.into()))
    }

    /// Whether these are the bytes of a key.
    pub(super) fn is_valid(bytes: &[u8]) -> bool {
        parse(bytes).is_some()
    }

    pub(super) fn is_patch(&self) -> bool {
        self.0.first() == Some(&(Operation::Patch as u8))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes of its [`Place`].
    pub(super) fn place(&self) -> &[u8] {
        &self.0[..self.0.len() - USE_LEN]
    }

    /// The step's name.
    pub fn name(&self) -> &str {
        parse(&self.0).map_or("", |parts| parts.name)
    }

    /// The names of the scopes around it, the outermost first.
    pub fn scope(&self) -> Vec<String> {
        parse(&self.0)
            .map_or(Vec::new(), |parts| parts.scope.into_iter().map(ToOwned::to_owned).collect())
    }

    /// How often the name, or the name with this key, was used, this time included.
    pub fn nth_use(&self) -> u64 {
        parse(&self.0).map_or(0, |parts| parts.nth)
    }
}

/// `scope/name#2`, or `scope/name[key]#1`; what is no step has its kind before it.
impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Parts { operation, scope, name, key, nth, .. }) = parse(&self.0) else {
            return f.write_str("?");
        };
        f.write_str(match operation {
            Operation::Step => "",
            Operation::Sleep => "sleep ",
            Operation::Now => "now ",
            Operation::Random => "random ",
            Operation::Patch => "patch ",
        })?;
        for scope in scope {
            write!(f, "{}/", Escaped(scope))?;
        }
        write!(f, "{}", Escaped(name))?;
        if let Some(key) = key {
            write!(f, "[{}]", Escaped(key))?;
        }
        if operation == Operation::Patch { Ok(()) } else { write!(f, "#{nth}") }
    }
}

impl fmt::Debug for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepKey({self})")
    }
}

/// A name in which nothing looks like what stands between names.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '/' | '#' | '[' | ']' | '\\' => write!(f, "\\{c}"),
            c if c.is_control() => write!(f, "{}", c.escape_default()),
            c => f.write_char(c),
        })
    }
}

struct Parts<'a> {
    operation: Operation,
    scope: Vec<&'a str>,
    name: &'a str,
    key: Option<&'a str>,
    /// Where it says whether there is a key.
    keyed_at: usize,
    nth: u64,
}

fn parse(bytes: &[u8]) -> Option<Parts<'_>> {
    let (tag, mut rest) = bytes.split_first()?;
    let operation = match tag {
        1 => Operation::Step,
        2 => Operation::Sleep,
        3 => Operation::Now,
        4 => Operation::Random,
        5 => Operation::Patch,
        _ => return None,
    };
    let mut scope = Vec::new();
    while rest.first_chunk::<4>()? != &END.to_le_bytes() {
        scope.push(text(&mut rest)?);
    }
    rest = &rest[4..];
    let name = text(&mut rest)?;
    let keyed_at = bytes.len() - rest.len();
    let (&keyed, after) = rest.split_first()?;
    rest = after;
    let key = match keyed {
        NOT_KEYED => None,
        KEYED => Some(text(&mut rest)?),
        _ => return None,
    };
    let nth = u64::from_le_bytes(rest.try_into().ok()?);
    Some(Parts { operation, scope, name, key, keyed_at, nth })
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let (len, after) = rest.split_first_chunk::<4>()?;
    let (text, after) = after.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    *rest = after;
    core::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn place(scope: &[String], name: &str, key: Option<&String>) -> Place {
        let mut path = Vec::new();
        scope.iter().for_each(|part| push_scope(&mut path, part));
        let place = Place::new(Operation::Step, &path, name);
        key.map_or(place.clone(), |key| {
            // A second key takes the place of the first.
            let once = Place::keyed(&place.nth(7), "another");
            assert_eq!(Place::keyed(&once.nth(1), key).0, Place::keyed(&place.nth(7), key).0);
            Place::keyed(&place.nth(7), key)
        })
    }

    #[test]
    fn a_key_is_shown_with_its_parts() {
        let shown = |scope: &[&str], name, key: Option<&str>| {
            let scope: Vec<_> = scope.iter().map(ToString::to_string).collect();
            place(&scope, name, key.map(ToString::to_string).as_ref()).nth(2).to_string()
        };
        assert_eq!(shown(&[], "fetch", None), "fetch#2");
        assert_eq!(shown(&["a", "b"], "fetch", Some("k")), "a/b/fetch[k]#2");
        assert_eq!(shown(&["a/b"], "c#1\n", None), "a\\/b/c\\#1\\n#2");
        let slept = Place::new(Operation::Sleep, &[], "pause").nth(1);
        assert_eq!(slept.to_string(), "sleep pause#1");
    }

    proptest! {
        #[test]
        fn different_parts_give_different_bytes(
            a in (prop::collection::vec(".{0,3}", 0..3), ".{0,3}", prop::option::of(".{0,3}"), 0..3_u64),
            b in (prop::collection::vec(".{0,3}", 0..3), ".{0,3}", prop::option::of(".{0,3}"), 0..3_u64),
        ) {
            let key = |(scope, name, key, nth): &(Vec<String>, String, Option<String>, u64)| {
                place(scope, name, key.as_ref()).nth(*nth)
            };
            prop_assert_eq!(a == b, key(&a) == key(&b));
            let found = StepKey::from_bytes(key(&a).as_bytes()).unwrap();
            prop_assert_eq!(found.scope(), a.0);
            prop_assert_eq!(found.name(), a.1);
            prop_assert_eq!(found.nth_use(), a.3);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            if let Some(key) = StepKey::from_bytes(&bytes) {
                prop_assert_eq!(key.as_bytes(), &bytes[..]);
                let _ = key.to_string();
            }
        }
    }
}
