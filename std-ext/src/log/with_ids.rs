//! The ids of the current context at the end of each line.

use core::{
    fmt::{self, Write},
    mem,
};
use klaw::Context;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    registry::LookupSpan,
};

/// Adds `request_id`, `trace_id` and `span_id` of the current context to what another format writes.
///
/// To every event inside a task, whichever crate emits it; outside of any there is nothing to add.
/// The other format must end with a newline, which stays the end, and be in text: not JSON. For
/// colours, turn them on in that format.
#[derive(Clone, Debug, Default)]
pub struct WithIds<E = Format> {
    format: E,
}

impl<E> WithIds<E> {
    /// Adds the ids to what `format` writes.
    pub const fn new(format: E) -> Self {
        Self { format }
    }
}

impl<S, N, E> FormatEvent<S, N> for WithIds<E>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    E: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let context = Context::current();
        if context.is_empty() {
            return self.format.format_event(ctx, writer, event);
        }
        let mut line = Line { writer: writer.by_ref(), newline: false };
        self.format.format_event(ctx, Writer::new(&mut line), event)?;
        let newline = line.newline;
        write_ids(&mut writer, &context)?;
        if newline { writer.write_char('\n') } else { Ok(()) }
    }
}

fn write_ids(writer: &mut Writer<'_>, context: &Context) -> fmt::Result {
    if let Some(id) = context.request_id() {
        // An id from outside must not break the line or look like a field.
        let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '=';
        if !id.is_empty() && id.chars().all(plain) {
            write!(writer, " request_id={id}")?;
        } else {
            write!(writer, " request_id={id:?}")?;
        }
    }
    if let Some(trace) = context.trace_id() {
        write!(writer, " trace_id={trace}")?;
    }
    if let Some(span) = context.span_id() {
        write!(writer, " span_id={span}")?;
    }
    Ok(())
}

/// Passes text on, but for a newline at its end.
struct Line<'a> {
    writer: Writer<'a>,
    newline: bool,
}

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.is_empty() {
            return Ok(());
        }
        if mem::take(&mut self.newline) {
            self.writer.write_char('\n')?;
        }
        let body = text.strip_suffix('\n');
        self.newline = body.is_some();
        self.writer.write_str(body.unwrap_or(text))
    }
}
