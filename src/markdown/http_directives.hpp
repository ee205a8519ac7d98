// What comments say of a request in a block of language `http`: `# @capture id = /id`, `# @expect HTTP 201`.
#pragma once

#include "markdown/http_text.hpp"

#include <runbook/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

/// A comment of the form `# @word value` or `// @word value`.
struct HttpDirective {
  std::string_view word;
  std::string_view value; ///< behind one blank
};

[[nodiscard]] bool is_http_comment(std::string_view line) noexcept;

/// The directive that the comment is; nothing if it is only a comment.
[[nodiscard]] std::optional<HttpDirective> read_http_directive(std::string_view comment);

/// Whether the word says something of a request, so that it would be missed in a body.
[[nodiscard]] bool is_request_directive(std::string_view word) noexcept;

/// What is said of one request and, in front of the first, of all.
class HttpDirectives {
public:
  HttpDirectives(Values& shared, std::vector<HttpFlaw>& flaws) : shared_(shared), flaws_(flaws) {}

  void take(const HttpDirective& directive, std::size_t line, bool is_first);
  /// Whether anything was said of the request that is to come, so that it must.
  [[nodiscard]] bool waiting() const noexcept { return !expect_.empty() || !captures_.empty(); }
  /// Adds what was said to the request, and forgets it.
  void add_to(Values& request);

private:
  void capture(std::string_view value, std::size_t line);
  void expect(std::string_view value, std::size_t line);
  void share(const HttpDirective& directive, std::size_t line, bool is_first);
  void flaw(std::size_t line, std::string message, std::string hint);

  Values& shared_;
  std::vector<HttpFlaw>& flaws_;
  Values captures_;
  std::string expect_;
  std::size_t expect_line_ = 0;
  bool in_body_ = false; ///< of the expected response
};

} // namespace runbook::markdown
