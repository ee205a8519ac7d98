// Everything that is wrong with a runbook that is about to be planned, gathered so that all of it is reported at once.
#pragma once

#include "findings_limit.hpp"

#include <runbook/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// Where in a runbook something was found.
struct Where {
  std::string_view step; ///< its id; may be empty
  SourceSpan span;
};

/// Gathers findings. Text that comes from the document or an input is made printable here, once for all of them.
class Findings {
public:
  explicit Findings(std::string path) : path_(std::move(path)) {}

  void document_error(std::string_view code, const Where& where, std::string_view message, std::string_view hint = {});
  void input_error(std::string_view code, const Where& where, std::string_view message, std::string_view hint = {});
  void handler_error(std::string_view code, const Where& where, std::string_view message, std::string_view hint = {});
  void warning(std::string_view code, const Where& where, std::string_view message, std::string_view hint = {});
  /// Takes what a handler found about an action; the place is filled in where the handler left it open.
  void add(const Diagnostic& diagnostic, const Where& where);

  /// Takes over what was found in another document that this one runs.
  void take_over(Findings&& other);

  /// Whether nothing more will be kept: nobody has to look for a hint then.
  [[nodiscard]] bool full() const noexcept { return limit_.reached(); }
  [[nodiscard]] bool failed() const noexcept { return errors_ > 0; }
  /// All findings in the order of their places, as an error. Its code is that of the gravest: the document's errors
  /// come before unknown handlers, and these before wrong inputs.
  [[nodiscard]] Error take_error();
  [[nodiscard]] std::vector<Diagnostic> take_warnings();

private:
  void add(errc kind, Severity severity, std::string_view code, const Where& where, std::string_view message,
           std::string_view hint);
  /// Counts it. False if it is not to be kept.
  [[nodiscard]] bool admit(errc kind, Severity severity);

  std::string path_;
  std::vector<Diagnostic> diagnostics_;
  FindingsLimit limit_;
  std::size_t errors_ = 0;
  errc gravest_ = errc::invalid_input;
};

} // namespace runbook
