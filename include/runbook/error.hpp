// Errors and diagnostics: how the library says that something is wrong.
//
// Every function that can fail for a reason outside the program's control returns `Result<T>`. `value()` on a failed
// result throws `runbook::Exception`, so a caller picks return codes or exceptions at each call.
//
// Ownership: plain values. Thread-safety: values may be copied between threads, as with any value type.
#pragma once

#include <runbook/export.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// What kind of thing went wrong. The numbers are stable: they are never reused and never renumbered.
enum class errc : int {
  invalid_document = 1,     ///< the runbook's text or structure is wrong; see the diagnostics
  invalid_input = 2,        ///< an input is missing, unknown or of the wrong type
  unknown_handler = 3,      ///< a step asks for a handler that is not registered
  io_error = 4,             ///< a file could not be read or written
  store_error = 5,          ///< the run store failed
  fenced = 6,               ///< another owner claimed the run; this one may no longer write to it
  not_found = 7,            ///< no such run, step or question
  approver_unavailable = 8, ///< nobody can be asked now (for example: no terminal)
  exec_failed = 9,          ///< a program could not be started at all
  timed_out = 10,           ///< the time that was allowed is over
  cancelled = 11,           ///< the work was stopped on request
  http_error = 12,          ///< an HTTP transfer failed below the level of a response
  invalid_argument = 13,    ///< the caller broke a stated precondition
  handler_failed = 14,      ///< a step handler reported a failure
  limit_exceeded = 15,      ///< a stated limit (size, depth, count) was passed
  unexpected = 16,          ///< something threw where nothing may throw: memory ran out, an embedder's clock failed
  in_doubt = 17,            ///< whether the work was done is not known: the answer to a request was lost
  secret_unavailable = 18,  ///< a secret could not be got from where it comes from, or cannot be one
};

/// The code's stable name, as printed in brackets behind a message: "invalid_document".
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(errc code) noexcept;

/// A range of text in a document. Lines and columns start at 1; columns count Unicode code points, as editors do.
/// A span whose `line` is 0 is unknown (for example: a runbook that was built in code).
struct SourceSpan {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;

  [[nodiscard]] bool known() const noexcept { return line != 0; }
  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

enum class Severity : std::uint8_t { note, warning, error };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Severity severity) noexcept;

/// One finding about a document, with its place and what to do about it.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code{};    ///< stable name of the rule, for example "duplicate-id"
  std::string message{}; ///< what is wrong
  std::string hint{};    ///< what to do; may be empty
  std::string path{};    ///< the document; empty when it has none
  std::string step{};    ///< the id of the step concerned; may be empty
  SourceSpan span{};

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `path:line:column: error: step 'id': message; hint [code]`. Parts that are unknown are left out.
[[nodiscard]] RUNBOOK_EXPORT std::string to_string(const Diagnostic& diagnostic);

/// True if any of the diagnostics is an error.
[[nodiscard]] RUNBOOK_EXPORT bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;

/// Why an operation failed: a code to branch on, words for a person and, for documents, every finding at once.
struct Error {
  errc code = errc::invalid_argument;
  std::string message{};
  std::vector<Diagnostic> diagnostics{};

  friend bool operator==(const Error&, const Error&) = default;
};

/// The message and, below it, one line for each diagnostic.
[[nodiscard]] RUNBOOK_EXPORT std::string to_string(const Error& error);

/// What `Result<T>::value()` throws on a failed result.
class RUNBOOK_EXPORT Exception : public std::exception {
public:
  explicit Exception(Error error);
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

private:
  Error error_;
  std::string text_;
};

/// A value of type `T`, or the `Error` that says why there is none.
template <class T>
using Result = boost::system::result<T, Error>;

/// Found by argument-dependent lookup: makes `Result<T>::value()` throw `runbook::Exception`.
[[noreturn]] RUNBOOK_EXPORT void throw_exception_from_error(const Error& error, const boost::source_location& where);

} // namespace runbook
