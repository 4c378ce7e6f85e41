//! File names that stand for ids.

use std::fmt::Write;

/// What the name of a workflow's file ends with.
const SUFFIX: &str = ".workflow";

/// The name of the file of `id`: what is not a letter, a digit, `-` or `_` is written as `%` and two digits.
pub(super) fn encode(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + SUFFIX.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            _ => write!(name, "%{byte:02x}").expect("a string takes all"),
        }
    }
    name + SUFFIX
}

/// The id that the file `name` stands for; none if it is no workflow's.
pub(super) fn decode(name: &str) -> Option<String> {
    let mut rest = name.strip_suffix(SUFFIX)?.as_bytes();
    let mut id = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            rest = after;
            id.push(u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?);
        } else {
            id.push(byte);
        }
    }
    let id = String::from_utf8(id).ok()?;
    // Only the one name that an id has.
    (encode(&id) == name).then_some(id)
}
