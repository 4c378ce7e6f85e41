//! Names of stores as names of files.

use super::error::CheckpointsError;

/// What the file of a store ends with.
const EXTENSION: &str = ".journal";
/// What is beside a file while it is rewritten, the longest name that there is.
const DRAFT: &str = ".rewrite";
/// What file systems take.
const MOST: usize = 255;

/// The name of the file of the store `name`.
pub(super) fn encode(name: &str) -> Result<String, CheckpointsError> {
    let bad = |why| CheckpointsError::BadName { name: name.into(), why };
    if name.is_empty() {
        return Err(bad("it is empty"));
    }
    let mut file = String::with_capacity(name.len() + EXTENSION.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => file.push(byte.into()),
            b'.' if !file.is_empty() => file.push('.'),
            _ => file.push_str(&format!("%{byte:02x}")),
        }
    }
    file.push_str(EXTENSION);
    if file.len() + DRAFT.len() > MOST {
        return Err(bad("it is too long for a file"));
    }
    Ok(file)
}

/// The store whose file is called `file`; none if it is not what [`encode`] gives.
pub(super) fn decode(file: &str) -> Option<String> {
    let mut name = Vec::new();
    let mut rest = file.strip_suffix(EXTENSION)?.bytes();
    while let Some(byte) = rest.next() {
        name.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                (digit(rest.next())? * 16 + digit(rest.next())?) as u8
            }
            byte => byte,
        });
    }
    let name = String::from_utf8(name).ok()?;
    // Another spelling of the name is somebody else's file.
    (encode(&name).ok()? == file).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_that_are_plain_stay_as_they_are() {
        for name in ["counter", "a.b-c_7", "x.."] {
            assert_eq!(encode(name).unwrap(), format!("{name}.journal"));
        }
    }

    #[test]
    fn no_name_leads_out_of_the_directory_or_hides() {
        for (name, file) in [
            ("..", "%2e..journal"),
            ("../up", "%2e.%2fup.journal"),
            ("/etc/passwd", "%2fetc%2fpasswd.journal"),
            (".hidden", "%2ehidden.journal"),
            ("a b\n\0", "a%20b%0a%00.journal"),
            ("Ö%", "%c3%96%25.journal"),
        ] {
            assert_eq!(encode(name).unwrap(), file);
        }
    }

    #[test]
    fn names_do_not_meet_in_one_file_and_come_back() {
        let names = ["a", "A", "%61", "%41", "a%", "ä", "a\u{308}", "a.", ".a", "a.journal"];
        let files: BTreeSet<String> =
            names.iter().map(|name| encode(name).unwrap().to_lowercase()).collect();
        assert_eq!(files.len(), names.len());
        for name in names {
            assert_eq!(decode(&encode(name).unwrap()).as_deref(), Some(name));
        }
    }

    #[test]
    fn files_of_others_are_no_stores() {
        for file in [
            "a",
            "a.journal.rewrite",
            ".journal",
            "%6.journal",
            "%61.journal",
            "A.journal",
            "%4A.journal",
        ] {
            assert_eq!(decode(file), None, "{file}");
        }
    }

    #[test]
    fn names_without_a_file_are_refused() {
        assert!(encode("").is_err());
        let longest = MOST - EXTENSION.len() - DRAFT.len();
        assert!(encode(&"a".repeat(longest)).is_ok());
        assert!(encode(&"a".repeat(longest + 1)).is_err());
        assert!(encode(&"A".repeat(longest / 3 + 1)).is_err());
    }
}
