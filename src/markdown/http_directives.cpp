#include "markdown/http_directives.hpp"

#include "http/capture_source.hpp"
#include "http/expected_head.hpp"
#include "markdown/text.hpp"
#include "plan/variables.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::array<std::string_view, 5> of_all{"ca_file", "client_cert", "client_key", "proxy", "follow_redirects"};
// What other tools are told by these is so here anyway.
constexpr std::array<std::string_view, 2> without_meaning{"no-redirect", "no-cookie-jar"};

bool is_one_of(std::string_view word, const auto& words) noexcept {
  return std::ranges::find(words, word) != words.end();
}

std::string suggestion(std::string_view word) {
  static const std::vector<std::string> known{"name",        "capture",    "expect", "ca_file",
                                              "client_cert", "client_key", "proxy",  "follow_redirects"};
  const std::string near = did_you_mean(word, known);
  return near.empty() ? "remove the '@' if it is a comment" : near;
}

} // namespace

bool is_http_comment(std::string_view line) noexcept {
  return line.starts_with('#') || line.starts_with("//");
}

std::optional<HttpDirective> read_http_directive(std::string_view comment) {
  const std::size_t start = comment.find_first_not_of("#/ \t");
  if (start == std::string_view::npos || comment[start] != '@') return std::nullopt;
  const std::string_view text = comment.substr(start + 1);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  if (end == 0) return std::nullopt;
  return HttpDirective{text.substr(0, end), trim_right(text.substr(std::min(end + 1, text.size())))};
}

bool is_request_directive(std::string_view word) noexcept {
  return word == "capture" || word == "expect";
}

void HttpDirectives::take(const HttpDirective& directive, std::size_t line, bool is_first) {
  const std::string_view word = directive.word;
  if (word == "capture") {
    capture(trim(directive.value), line);
  } else if (word == "expect") {
    expect(directive.value, line);
  } else if (is_one_of(word, of_all)) {
    share(directive, line, is_first);
  } else if (!is_one_of(word, without_meaning)) {
    flaw(line, fmt::format("'@{}' is not supported", word), suggestion(word));
  }
}

void HttpDirectives::add_to(Values& request) {
  if (!expect_.empty()) {
    if (auto wrong = http::expected_head_flaw(expect_)) flaw(expect_line_, std::move(*wrong), {});
    request["expect"] = std::exchange(expect_, {});
  }
  if (!captures_.empty()) request["captures"] = std::exchange(captures_, {});
  in_body_ = false;
}

void HttpDirectives::capture(std::string_view value, std::size_t line) {
  const std::size_t equals = value.find('=');
  const std::string_view name = trim(value.substr(0, equals));
  if (equals == std::string_view::npos || !is_variable_name(name)) {
    return flaw(line, fmt::format("'{}' captures nothing", value),
                "write # @capture NAME = /json/pointer, header:NAME or body; NAME has letters, digits and '_'");
  }
  const std::string_view source = trim(value.substr(equals + 1));
  if (auto wrong = http::capture_flaw(source)) return flaw(line, std::move(*wrong), {});
  if (!captures_.emplace(name, source).second) flaw(line, fmt::format("'{}' is captured twice", name), "rename one");
}

/// The lines form a response as in a block below `Expected:`, of which what is plain may be left out.
void HttpDirectives::expect(std::string_view value, std::size_t line) {
  if (!in_body_) value = trim(value); // a body's lines are kept as they are
  const bool opens_json = (value.starts_with('{') && !value.starts_with("{{")) || value.starts_with('[');
  if (expect_.empty()) {
    expect_line_ = line;
    if (!value.empty() && is_digit(value.front())) {
      expect_ = fmt::format("HTTP {}", value);
      return;
    }
    if (lower(value.substr(0, 4)) == "http") {
      expect_ = value;
      return;
    }
    expect_ = "HTTP 2xx";
  }
  if (opens_json && !in_body_) expect_ += '\n';
  in_body_ = in_body_ || opens_json || value.empty();
  expect_ += '\n';
  expect_ += value;
}

void HttpDirectives::share(const HttpDirective& directive, std::size_t line, bool is_first) {
  const std::string_view word = directive.word;
  const std::string_view value = trim(directive.value);
  if (!is_first) {
    return flaw(line, fmt::format("'@{}' holds for all requests of the block", word), "put it above the first of them");
  }
  if (shared_.contains(word)) return flaw(line, fmt::format("'@{}' is there twice", word), "say it once");
  if (word == "follow_redirects") {
    if (!value.empty() && value != "true" && value != "false") {
      flaw(line, fmt::format("'@{}' cannot be '{}'", word, value), "use true or false");
    }
    shared_[word] = value != "false";
  } else if (value.empty()) {
    flaw(line, fmt::format("'@{}' names nothing", word), fmt::format("write # @{} VALUE", word));
  } else {
    shared_[word] = value;
  }
}

void HttpDirectives::flaw(std::size_t line, std::string message, std::string hint) {
  flaws_.push_back({line, std::move(message), std::move(hint)});
}

} // namespace runbook::markdown
