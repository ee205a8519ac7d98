#include "http/url_template.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t excerpt = 80;

Error unusable(std::string message) {
  return {errc::invalid_input, std::move(message), {}};
}

/// The name at the very start of the URL, if one is there.
std::optional<TemplatePart> leading_name(std::string_view url) {
  const std::vector<TemplatePart> parts = template_parts(url);
  if (parts.empty() || parts.front().kind != TemplatePart::Kind::name) return std::nullopt;
  return parts.front();
}

bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F;
}

/// The value that stands for the beginning of a URL of which `rest` is written out.
Result<std::string> base_value(const TemplatePart& part, std::string_view rest, const Values& values) {
  const Result<const Value*> value = find_value(part.name, values);
  if (!value) return value.error();
  std::string base = to_text(**value);
  const auto wrong = [&](std::string_view why) {
    return unusable(fmt::format("'{{{{ {} }}}}' stands at the start of the URL, so its value must be an http or https "
                                "URL; '{}' {}",
                                part.name, shown_url(base), why));
  };
  if (!has_http_scheme(base)) return wrong("is none");
  if (!std::ranges::all_of(base, is_plain)) return wrong("holds blanks or control characters");
  if (!rest.empty() && base.find_first_of("?#") != std::string::npos) return wrong("ends in a query already");
  if (rest.starts_with('/') && base.ends_with('/')) base.pop_back();
  return base;
}

bool is_host_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{".-_:[]"}.find(c) != std::string_view::npos;
}

/// Scheme, host and port.
Result<std::string> expand_authority(std::string_view text, const Values& values) {
  for (const TemplatePart& part : template_parts(text)) {
    if (part.kind != TemplatePart::Kind::name) continue;
    const Result<const Value*> value = find_value(part.name, values);
    if (!value) return value.error();
    const std::string shown = to_text(**value);
    if (!shown.empty() && std::ranges::all_of(shown, is_host_char)) continue;
    return unusable(
        fmt::format("'{{{{ {} }}}}' stands in the URL's host, where only letters, digits and .-_:[] can be; "
                    "its value is '{}'",
                    part.name, printable_excerpt(shown, excerpt)));
  }
  return expand(text, values, Place::text);
}

/// Whether servers take the segment for one of the two that walk through folders, percent-encoded or not.
bool is_dot_segment(std::string_view segment) {
  std::string dots{segment};
  for (std::size_t at = dots.find('%'); at != std::string::npos; at = dots.find('%', at + 1)) {
    if (equal_names(std::string_view{dots}.substr(at, 3), "%2e")) dots.replace(at, 3, ".");
  }
  return dots == "." || dots == "..";
}

Result<std::string> expand_path(std::string_view path, const Values& values) {
  std::string out;
  while (true) {
    const std::string_view segment = path.substr(0, path.find('/'));
    Result<std::string> expanded = expand(segment, values, Place::url_path);
    if (!expanded) return expanded;
    if (*expanded != segment && is_dot_segment(*expanded)) {
      return unusable(fmt::format("'{}' in the URL's path becomes '{}', which leads to another folder",
                                  printable_excerpt(segment, excerpt), *expanded));
    }
    out += *expanded;
    if (segment.size() == path.size()) return out;
    out += '/';
    path.remove_prefix(segment.size() + 1);
  }
}

} // namespace

Result<std::string> expand_url(std::string_view url, const Values& values) {
  if (const auto flaw = url_flaw(url)) return unusable(*flaw);
  std::string_view rest = url;
  Result<std::string> start = std::string{};
  if (const auto part = leading_name(url)) {
    rest.remove_prefix(part->text.size());
    start = base_value(*part, rest, values);
  } else {
    const std::size_t host = url.find("://") + 3;
    const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
    rest.remove_prefix(end);
    start = expand_authority(url.substr(0, end), values);
  }
  if (!start) return start;
  const std::size_t path_end = std::min(rest.find_first_of("?#"), rest.size());
  Result<std::string> path = expand_path(rest.substr(0, path_end), values);
  if (!path) return path;
  Result<std::string> query = expand(rest.substr(path_end), values, Place::url_query);
  if (!query) return query;
  return *start + *path + *query;
}

std::optional<std::string> url_flaw(std::string_view url) {
  if (!is_field_value(url)) return "the URL holds a control character; a URL is one line";
  if (const auto part = leading_name(url)) {
    const std::string_view rest = url.substr(part->text.size());
    if (rest.empty() || std::string_view{"/?#"}.find(rest.front()) != std::string_view::npos) return std::nullopt;
    return fmt::format("after '{}' at the start of the URL comes '{}'; write '/' or '?' there, or the URL's beginning "
                       "in front",
                       part->text, printable_excerpt(rest, excerpt));
  }
  if (!has_http_scheme(url)) {
    return fmt::format("'{}' is no URL; write http://HOST/PATH or https://HOST/PATH", shown_url(url));
  }
  return std::nullopt;
}

} // namespace runbook::http
