#include "http/expected_head.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t excerpt = 120;
constexpr std::string_view any_text = "...";

/// Takes the first line off the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// `404`, or a class such as `2xx`.
bool is_status(std::string_view text) noexcept {
  if (text.size() != 3 || !is_digit(text[0])) return false;
  return (is_digit(text[1]) && is_digit(text[2])) || equal_names(text.substr(1), "xx");
}

/// The statuses of `HTTP/1.1 404 Not Found`, `HTTP/2 2xx` or `HTTP 200, 404`; empty if the line is none of these.
std::vector<std::string_view> statuses_of(std::string_view line) {
  if (!equal_names(line.substr(0, 4), "HTTP")) return {};
  const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view version = line.substr(4, blank - 4);
  if (!version.empty() &&
      (version[0] != '/' || version.find_first_not_of("0123456789.", 1) != std::string_view::npos)) {
    return {};
  }
  std::vector<std::string_view> statuses;
  std::string_view rest = trimmed(line.substr(blank));
  while (true) {
    const std::string_view status = rest.substr(0, rest.find_first_of(" \t,"));
    if (!is_status(status)) return {};
    statuses.push_back(status);
    rest = trimmed(rest.substr(status.size()));
    if (!rest.starts_with(',')) return statuses; // a reason may follow
    rest = trimmed(rest.substr(1));
  }
}

bool is_one_of(int status, const std::vector<std::string_view>& expected) {
  const std::string text = fmt::format("{:03}", status);
  return std::ranges::any_of(
      expected, [&](std::string_view one) { return one == text || (!is_digit(one[1]) && one[0] == text[0]); });
}

std::string no_status(std::string_view line) {
  return fmt::format("the expected response starts with '{}'; write a status line such as 'HTTP/1.1 404' or 'HTTP 2xx'",
                     printable_excerpt(line, excerpt));
}

std::string no_header(std::string_view line) {
  return fmt::format(
      "'{}' in the expected response is no header; write 'Name: value', and a blank line before the body",
      printable_excerpt(line, excerpt));
}

/// Name and value, or a name that is no token.
std::pair<std::string_view, std::string_view> split_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  return {line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

/// The texts between the `...` of a pattern. They are expanded one by one, so that `...` in a value is text.
Result<std::vector<std::string>> pieces_of(std::string_view pattern, const Values& values) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t end = std::min(pattern.find(any_text), pattern.size());
    Result<std::string> piece = expand(pattern.substr(0, end), values, Place::text);
    if (!piece) return piece.error();
    pieces.push_back(std::move(*piece));
    if (end == pattern.size()) return pieces;
    pattern.remove_prefix(end + any_text.size());
  }
}

bool matches(const std::vector<std::string>& pieces, std::string_view text) {
  if (pieces.size() == 1) return text == pieces.front();
  if (!text.starts_with(pieces.front())) return false;
  text.remove_prefix(pieces.front().size());
  for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
    const std::size_t found = text.find(pieces[i]);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + pieces[i].size());
  }
  return text.ends_with(pieces.back());
}

std::optional<std::string> header_mismatch(std::string_view line, const HttpResponse& response, const Values& values) {
  const auto [name, pattern] = split_header(line);
  if (!is_token(name)) return no_header(line);
  const Result<std::vector<std::string>> pieces = pieces_of(pattern, values);
  if (!pieces) return pieces.error().message;
  const std::string* received = nullptr;
  for (const auto& [header, value] : response.headers) {
    if (!equal_names(header, name)) continue;
    if (matches(*pieces, value)) return std::nullopt;
    received = &value;
  }
  const std::string expected = printable_excerpt(fmt::format("{}", fmt::join(*pieces, any_text)), excerpt);
  if (received == nullptr) return fmt::format("no header '{}', expected '{}'", name, expected);
  return fmt::format("header '{}' is '{}', expected '{}'", name, printable_excerpt(*received, excerpt), expected);
}

} // namespace

std::optional<std::string> head_mismatch(std::string_view expected, const HttpResponse& response,
                                         const Values& values) {
  const Result<std::string> line = expand(take_line(expected), values, Place::text);
  if (!line) return line.error().message;
  const std::vector<std::string_view> statuses = statuses_of(*line);
  if (statuses.empty()) return no_status(*line);
  if (!is_one_of(response.status, statuses)) {
    return fmt::format("status {}, expected {}", response.status, fmt::join(statuses, ", "));
  }
  while (!expected.empty()) {
    const std::string_view header = take_line(expected);
    if (header.empty()) break;
    if (auto different = header_mismatch(header, response, values)) return different;
  }
  return std::nullopt;
}

std::optional<std::string> expected_head_flaw(std::string_view expected) {
  const std::string_view line = take_line(expected);
  if (template_names(line).empty() && statuses_of(line).empty()) return no_status(line);
  while (!expected.empty()) {
    const std::string_view header = take_line(expected);
    if (header.empty()) break;
    if (!is_token(split_header(header).first)) return no_header(header);
  }
  return std::nullopt;
}

} // namespace runbook::http
