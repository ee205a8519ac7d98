// Writing documents: a Runbook as Markdown, and the canonical layout of a document that exists.
//
// Thread-safety: the functions keep no state and may be called from any number of threads.
#pragma once

#include <runbook/parse.hpp>

#include <string>
#include <string_view>

namespace runbook {

/// The runbook as a Markdown document in canonical layout. Reading that document gives the same runbook, but for places
/// and for prose that only a person reads. Fails with `invalid_document` if there is something that no document in
/// Markdown can say, for example parameters of a handler that no block holds; the message names all of it by JSON
/// pointers into the JSON form.
[[nodiscard]] RUNBOOK_EXPORT Result<std::string> to_markdown(const Runbook& runbook);

/// The document in canonical layout (docs/format.md, "Layout"). What is in a block of code stays as it is, byte for
/// byte but for line ends, and so does everything that has no canonical layout: prose, tables, HTML, comments. A part
/// that cannot be laid out safely stays as it is. Doing it twice changes nothing more.
///
/// The result means what the document means: it is read again and compared. Fails with `invalid_document` if the text
/// cannot be read at all, and with `unexpected` if its meaning would change.
[[nodiscard]] RUNBOOK_EXPORT Result<std::string> format_markdown(std::string_view text,
                                                                 const ParseOptions& options = {});

/// The same for a document in JSON: two blanks for each level, members in their order.
[[nodiscard]] RUNBOOK_EXPORT Result<std::string> format_json_form(std::string_view text,
                                                                  const ParseOptions& options = {});

} // namespace runbook
