//! Bytes of which nobody knows what they are.

use core::fmt;

/// Bytes as hexadecimal digits.
pub struct Digits<'a>(pub &'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Sixteen bytes of a longer stretch: position, digits, and what of it can be read.
pub struct Row<'a> {
    pub at: usize,
    pub bytes: &'a [u8],
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    {:06x} ", self.at)?;
        for place in 0..16 {
            match self.bytes.get(place) {
                Some(byte) => write!(f, " {byte:02x}")?,
                None => f.write_str("   ")?,
            }
        }
        f.write_str("  ")?;
        let readable =
            |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' };
        self.bytes.iter().try_for_each(|byte| write!(f, "{}", readable(byte)))
    }
}

/// A key: as text if it is text, else as digits; shortened, and nothing that a terminal would act on.
pub struct Key<'a>(pub &'a [u8]);

/// How much of a key is shown.
const SHOWN: usize = 48;

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match core::str::from_utf8(self.0) {
            Ok(text) => match text.char_indices().nth(SHOWN) {
                Some((end, _)) => write!(f, "{:?}..", &text[..end]),
                None => write!(f, "{text:?}"),
            },
            Err(_) if self.0.len() > SHOWN => write!(f, "0x{}..", Digits(&self.0[..SHOWN])),
            Err(_) => write!(f, "0x{}", Digits(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_wide_however_many_bytes_there_are() {
        let row = |bytes| Row { at: 16, bytes }.to_string();
        assert_eq!(
            row(b"0123456789\x00\xffabcd"),
            "    000010  30 31 32 33 34 35 36 37 38 39 00 ff 61 62 63 64  0123456789..abcd"
        );
        let short = row(b"a");
        assert_eq!(short.find("a"), row(b"0123456789\x00\xffabcd").find("0123"));
    }

    #[test]
    fn keys_are_short_and_harmless() {
        assert_eq!(Key(b"counter").to_string(), "\"counter\"");
        assert_eq!(Key(b"\x1b[2J\n").to_string(), r#""\u{1b}[2J\n""#);
        assert_eq!(Key(&[0xff, 0]).to_string(), "0xff00");
        assert_eq!(Key("ä".repeat(49).as_bytes()).to_string().chars().count(), SHOWN + 4);
        assert_eq!(Key(&[0xff; 1000]).to_string().len(), 2 * SHOWN + 4);
    }
}
