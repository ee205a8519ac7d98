#include "markdown/http_text.hpp"

#include "http/syntax.hpp"
#include "markdown/http_directives.hpp"
#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::string_view not_yet = "not supported yet in this version";

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

class BlockReader {
public:
  HttpText read(std::string_view block) {
    rest_ = block;
    boost::json::array requests;
    while (skip_to_request()) {
      const bool separated = read_request();
      requests.emplace_back(std::exchange(request_, {}));
      is_first_ = false;
      if (separated) begin_named();
    }
    if (requests.empty()) {
      flaw("the block holds no request",
           "write METHOD and URL in its first line, for example GET https://example.org/");
    } else if (directives_.waiting()) {
      flaw("no request follows what is said here", "put it above the request that it is about");
    }
    if (requests.size() == 1) {
      Values& only = requests.front().get_object();
      only.erase("name");
      for (auto& member : only) out_.params[member.key()] = std::move(member.value());
    } else if (!requests.empty()) {
      out_.params["requests"] = std::move(requests);
    }
    return std::move(out_);
  }

private:
  bool next() {
    if (!next_line(rest_, line_)) return false;
    number_ = count_++;
    return true;
  }

  [[nodiscard]] bool is_separator() const { return line_.starts_with("###"); }

  /// What stands in front of a request.
  bool skip_to_request() {
    while (next()) {
      if (line_.starts_with('@')) {
        flaw(fmt::format("variables of the file are {}", not_yet), "declare an input and write {{ name }}");
      } else if (is_http_comment(line_)) {
        comment();
      } else if (!trim(line_).empty()) {
        return true;
      }
    }
    return false;
  }

  void comment() {
    if (is_separator()) begin_named();
    const auto directive = read_http_directive(line_);
    if (!directive) return;
    if (directive->word == "name") {
      request_["name"] = trim(directive->value);
    } else {
      directives_.take(*directive, number_, is_first_);
    }
  }

  /// A line of three `#`, perhaps with the name of the request that follows.
  void begin_named() {
    if (directives_.waiting()) flaw("no request follows what is said above", "remove the line with ###");
    request_ = {};
    const std::string_view name = trim(line_.substr(std::min(line_.find_first_not_of('#'), line_.size())));
    if (!name.empty() && !name.starts_with('@')) request_["name"] = name;
  }

  /// The request whose first line has been read. True if a separator ended it.
  bool read_request() {
    header_names_.clear();
    request_line();
    bool separated = headers();
    if (!separated) separated = body();
    directives_.add_to(request_);
    return separated;
  }

  void request_line() {
    std::string_view text = trim(line_);
    std::string method = "GET";
    request_line_ = number_;
    url_.clear();
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
    request_["method"] = method;
    url_ = text.substr(0, end);
  }

  static std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
  }

  /// True if a separator ended them.
  bool headers() {
    Values headers;
    bool separated = false;
    while (!separated && next() && !trim(line_).empty()) {
      if (is_separator()) {
        separated = true;
      } else if (is_http_comment(line_)) {
        comment();
      } else if (headers.empty() && is_blank(line_.front()) && is_one_of_query(trim(line_).front())) {
        url_ += trim(line_); // a long query, one parameter a line
      } else {
        header(headers);
      }
    }
    if (out_.flaws.empty()) check_url();
    request_["url"] = url_;
    if (!headers.empty()) request_["headers"] = std::move(headers);
    return separated;
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
      flaw_at(request_line_, fmt::format("'{}' is no absolute URL", url_), "start it with http:// or https://");
    }
    for (const Placeholder& placeholder : find_placeholders(url_)) {
      if (placeholder.quoted) continue;
      flaw_at(request_line_, fmt::format("'<{}>' is a placeholder", placeholder.name),
              "declare an input and write {{ name }}");
    }
  }

  /// True if a separator ended it. The blank lines in front of that are not the body's.
  bool body() {
    std::string body;
    bool first = true;
    bool separated = false;
    while (next()) {
      separated = is_separator();
      if (separated) break;
      check_body_line(first);
      if (!first) body += '\n';
      first = false;
      body += line_;
    }
    while (separated && (body.ends_with('\n') || body.ends_with('\r'))) body.pop_back();
    if (!trim(body).empty()) request_["body"] = body;
    return separated;
  }

  void check_body_line(bool first) {
    if (first && (line_.starts_with("< ") || line_.starts_with("<@ "))) {
      flaw(fmt::format("a body from a file is {}", not_yet), "write the body into the block");
    }
    if (line_.starts_with("> {%") || line_.starts_with("< {%")) flaw(fmt::format("a script is {}", not_yet), {});
    if (!is_http_comment(line_)) return;
    const auto directive = read_http_directive(line_);
    if (directive && is_request_directive(directive->word)) {
      flaw(fmt::format("'@{}' stands in the body and would be sent with it", directive->word),
           "put it above the request");
    }
  }

  void flaw(std::string message, std::string hint) { flaw_at(number_, std::move(message), std::move(hint)); }
  void flaw_at(std::size_t line, std::string message, std::string hint) {
    out_.flaws.push_back({line, std::move(message), std::move(hint)});
  }

  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
  std::size_t count_ = 0;
  std::size_t request_line_ = 0;
  bool is_first_ = true; ///< the request that is read or comes next
  std::string url_;
  std::unordered_set<std::string> header_names_; ///< in lower case
  Values request_;
  HttpText out_;
  HttpDirectives directives_{out_.params, out_.flaws};
};

} // namespace

HttpText read_http_text(std::string_view block) {
  return BlockReader().read(block);
}

} // namespace runbook::markdown
