//! A text that is cut where its room ends.

use core::{fmt, fmt::Write};

/// How many bytes of an error are kept.
const ROOM: usize = 120;

/// What an error says, as far as there is room for it; made without an allocation.
#[derive(Clone, Copy)]
pub(in crate::supervise) struct Text {
    bytes: [u8; ROOM],
    len: usize,
    cut: bool,
}

impl Text {
    /// What `value` says of itself; a panic on the way ends the text.
    pub(in crate::supervise) fn of(value: &dyn fmt::Debug) -> Self {
        let mut text = Self { bytes: [0; ROOM], len: 0, cut: false };
        // Only running out of room fails here, which the text says itself.
        let _ = write!(text, "{value:?}");
        text
    }

    pub(in crate::supervise) fn as_str(&self) -> &str {
        // Whole characters are put in, so this never fails.
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }

    /// Whether there was more than there is room for.
    pub(in crate::supervise) const fn is_cut(&self) -> bool {
        self.cut
    }
}

impl Write for Text {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fits = more.floor_char_boundary(ROOM - self.len);
        self.bytes[self.len..self.len + fits].copy_from_slice(&more.as_bytes()[..fits]);
        self.len += fits;
        self.cut = fits < more.len();
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "\u{20ac}".repeat(100);
        let text = Text::of(&format_args!("{long}"));
        assert!(text.is_cut());
        assert_eq!(text.as_str(), &long[..120]);
        let text = Text::of(&format_args!("a{long}"));
        assert_eq!(text.as_str().len(), 118, "no character is halved");
        let text = Text::of(&"short");
        assert_eq!((text.as_str(), text.is_cut()), ("\"short\"", false));
    }
}
