#include "markdown/http_text.hpp"

#include "http/syntax.hpp"
#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::string_view not_yet = "not supported yet in this version";

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with("//");
}

/// The first blank that does not stand between `{{` and `}}`.
std::size_t find_gap(std::string_view text) {
  const std::size_t last_close = text.rfind("}}");
  std::size_t at = 0;
  while (at < text.size() && !is_blank(text[at])) {
    const bool opens = text.substr(at).starts_with("{{") && last_close != std::string_view::npos && at < last_close;
    at = opens ? text.find("}}", at) + 2 : at + 1;
  }
  return at;
}

class RequestReader {
public:
  HttpText read(std::string_view block) {
    rest_ = block;
    if (!skip_to_request()) {
      flaw("the block holds no request",
           "write METHOD and URL in its first line, for example GET https://example.org/");
      return std::move(out_);
    }
    request_line();
    headers();
    body();
    return std::move(out_);
  }

private:
  bool next() {
    if (!next_line(rest_, line_)) return false;
    number_ = count_++;
    return true;
  }

  bool skip_to_request() {
    while (next()) {
      if (line_.starts_with('@')) {
        flaw(fmt::format("variables of the file are {}", not_yet), "declare an input and write {{ name }}");
      } else if (!trim(line_).empty() && !is_comment(line_)) {
        return true;
      }
    }
    return false;
  }

  void request_line() {
    std::string_view text = trim(line_);
    std::string method = "GET";
    request_ = number_;
    if (text.starts_with("HTTP/")) {
      return flaw("this is a response and not a request", "put Expected: above it, behind the request's block");
    }
    const std::size_t gap = find_gap(text);
    const bool has_method = gap < text.size() && !text.substr(gap + 1).starts_with("HTTP/");
    if (has_method) {
      method = text.substr(0, gap);
      text = trim(text.substr(gap));
    }
    if (!http::is_token(method) || !std::ranges::all_of(method, [](char c) { return is_letter(c) || c == '-'; }) ||
        method != upper(method)) {
      flaw(fmt::format("'{}' is no method of HTTP", method), fmt::format("did you mean {}?", upper(method)));
    }
    const std::size_t end = find_gap(text);
    const std::string_view version = trim(text.substr(end));
    if (!version.empty() && !version.starts_with("HTTP/")) {
      flaw("there is a blank in the URL", "write it as %20, or as {{ name }} for a value");
    }
    out_.params["method"] = method;
    url_ = text.substr(0, end);
  }

  static std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
  }

  void headers() {
    Values headers;
    while (next() && !trim(line_).empty()) {
      if (line_.starts_with("###")) {
        several();
      } else if (is_comment(line_)) {
        continue;
      } else if (headers.empty() && is_blank(line_.front()) && is_one_of_query(trim(line_).front())) {
        url_ += trim(line_); // a long query, one parameter a line
      } else {
        header(headers);
      }
    }
    if (out_.flaws.empty()) check_url();
    out_.params["url"] = url_;
    if (!headers.empty()) out_.params["headers"] = std::move(headers);
  }

  static bool is_one_of_query(char c) { return c == '?' || c == '&'; }

  void header(Values& headers) {
    const std::size_t colon = line_.find(':');
    const std::string_view name = trim(line_.substr(0, std::min(colon, line_.size())));
    if (colon == std::string_view::npos || !http::is_token(name)) {
      return flaw("this is no header", "write Name: value, and a blank line in front of the body");
    }
    if (!header_names_.insert(lower(name)).second) {
      return flaw(fmt::format("the header '{}' is there twice", name), "join the values by commas");
    }
    headers[name] = trim(line_.substr(colon + 1));
  }

  void check_url() {
    if (!http::has_http_scheme(url_) && !url_.starts_with("{{")) {
      flaw_at(request_, fmt::format("'{}' is no absolute URL", url_), "start it with http:// or https://");
    }
    for (const Placeholder& placeholder : find_placeholders(url_)) {
      if (placeholder.quoted) continue;
      flaw_at(request_, fmt::format("'<{}>' is a placeholder", placeholder.name),
              "declare an input and write {{ name }}");
    }
  }

  void body() {
    std::string body;
    bool first = true;
    while (next()) {
      if (line_.starts_with("###")) {
        several();
        break;
      }
      if (first && (line_.starts_with("< ") || line_.starts_with("<@ "))) {
        flaw(fmt::format("a body from a file is {}", not_yet), "write the body into the block");
      }
      if (line_.starts_with("> {%") || line_.starts_with("< {%")) flaw(fmt::format("a script is {}", not_yet), {});
      if (!first) body += '\n';
      first = false;
      body += line_;
    }
    if (!trim(body).empty()) out_.params["body"] = body;
  }

  /// A separator: an error if another request follows.
  void several() {
    const std::size_t at = number_;
    while (next()) {
      if (trim(line_).empty() || is_comment(line_)) continue;
      flaw_at(at, fmt::format("several requests in one block are {}", not_yet), "give each request a block of its own");
      break;
    }
    rest_ = {};
  }

  void flaw(std::string message, std::string hint) { flaw_at(number_, std::move(message), std::move(hint)); }
  void flaw_at(std::size_t line, std::string message, std::string hint) {
    out_.flaws.push_back({line, std::move(message), std::move(hint)});
  }

  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
  std::size_t count_ = 0;
  std::size_t request_ = 0; ///< the request line's
  std::string url_;
  std::unordered_set<std::string> header_names_; ///< in lower case
  HttpText out_;
};

} // namespace

HttpText read_http_text(std::string_view block) {
  return RequestReader().read(block);
}

} // namespace runbook::markdown
