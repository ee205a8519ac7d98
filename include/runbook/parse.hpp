// Reading documents: text -> Runbook + every diagnostic; and writing the YAML form.
//
// Thread-safety: the functions keep no state and may be called from any number of threads.
#pragma once

#include <runbook/model.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// How to read a document.
struct ParseOptions {
  std::string path{}; ///< named in diagnostics and kept in `Runbook::path`
  /// Fence languages besides the built-in ones that name an action's handler directly (a handler `sql` claims ```sql).
  std::vector<std::string> handler_languages{};
};

/// A document as far as it could be understood, and everything that was noticed about it.
struct Parsed {
  Runbook runbook;
  std::vector<Diagnostic> diagnostics{}; ///< in order of place; errors mean that the runbook must not be run

  [[nodiscard]] bool ok() const noexcept { return !has_errors(diagnostics); }
};

/// Limits of a document. Over them `parse` gives one error of code `limit`.
inline constexpr std::size_t max_document_bytes = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t max_nesting = 64;
inline constexpr std::size_t max_steps = 100'000;

/// Reads Markdown (docs/format.md describes the language). Never throws on bad text: it becomes diagnostics.
[[nodiscard]] RUNBOOK_EXPORT Parsed parse_markdown(std::string_view text, const ParseOptions& options = {});

/// Reads the JSON form (see `from_json`) from text, with line and column in its diagnostics.
[[nodiscard]] RUNBOOK_EXPORT Parsed parse_json_form(std::string_view text, const ParseOptions& options = {});

/// Reads the YAML form: the JSON form's members, written as YAML. Of YAML it takes what JSON can say: anchors, aliases,
/// tags, merge keys, a second document and keys that are no text or are there twice are errors. Words without quotes
/// mean what they mean in JSON, else text: `yes`, `0o7` and `1:30` are text.
[[nodiscard]] RUNBOOK_EXPORT Parsed parse_yaml_form(std::string_view text, const ParseOptions& options = {});

/// The YAML form of the model, in block style, with texts of several lines as blocks `|`. It holds what `to_json` has,
/// and `parse_yaml_form` reads it back as it was. Bytes that are not UTF-8 have no form in it and become U+FFFD.
[[nodiscard]] RUNBOOK_EXPORT std::string to_yaml(const Runbook& runbook);

/// Reads text in the form that `options.path` ends in: `.json` is the JSON form, `.yaml` and `.yml` are the YAML form,
/// anything else is Markdown. The ending's case does not count.
[[nodiscard]] RUNBOOK_EXPORT Parsed parse(std::string_view text, const ParseOptions& options = {});

/// Reads a file and keeps every diagnostic. Fails only when the file cannot be read.
[[nodiscard]] RUNBOOK_EXPORT Result<Parsed> parse_file(const std::string& path, ParseOptions options = {});

/// Gives the document that has this path.
using DocumentReader = std::function<Result<Parsed>(const std::string& path)>;

/// One that reads files, as `parse_file` does; but no pipe or device, which a link may name and which might never end.
[[nodiscard]] RUNBOOK_EXPORT DocumentReader file_reader(ParseOptions options = {});

/// Reads the runbooks that steps of this one run, and those that these run, into `Runbook::runbooks`. Fails with every
/// diagnostic if one of them cannot be read or has an error, if a runbook would run itself (`errc::invalid_document`),
/// if they run each other more than 16 deep, and if they are more than 1,000 or have more than 64 MiB of text.
[[nodiscard]] RUNBOOK_EXPORT Result<void> load_runbooks(Runbook& runbook, const DocumentReader& read);

/// Reads a file that is to be run, and those that it runs. Fails with every diagnostic in the error when there is an
/// error among them.
[[nodiscard]] RUNBOOK_EXPORT Result<Runbook> load(const std::string& path, ParseOptions options = {});

} // namespace runbook
