#include "json_text.hpp"

#include "utf8.hpp"

#include <runbook/parse.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

namespace json = boost::json;

/// Builds a value from the parser's calls. Boost's own builder keeps the last of two equal keys and turns what no
/// double can hold into infinity; this one refuses both.
class Builder {
public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_object_begin(json::error_code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    keys_.pop_back();
    stack_.push_object(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view rest, std::size_t, json::error_code& ec) {
    key_.append(rest.data(), rest.size());
    if (!keys_.back().insert(key_).second) {
      return refuse(ec, fmt::format("the key '{}' is there twice", key_), "remove one of the two");
    }
    stack_.push_key(key_);
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view rest, std::size_t, json::error_code&) {
    stack_.push_string(rest);
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_uint64(value);
    return true;
  }
  bool on_double(double estimate, json::string_view rest, json::error_code& ec) {
    // The parser's own conversion can be off in the last digit, so the text is converted again.
    number_.append(rest.data(), rest.size());
    double value = 0;
    const auto [end, problem] = std::from_chars(number_.data(), number_.data() + number_.size(), value);
    if (problem == std::errc::result_out_of_range && std::abs(estimate) > 1) {
      return refuse(ec, fmt::format("the number {} is too large", number_), {});
    }
    number_.clear();
    stack_.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  Value release() { return stack_.release(); }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
  bool refuse(json::error_code& ec, std::string problem, std::string hint) {
    problem_ = std::move(problem);
    hint_ = std::move(hint);
    ec = json::make_error_code(json::error::syntax);
    return false;
  }

  json::value_stack stack_;
  std::vector<std::unordered_set<std::string>> keys_;
  std::string key_;
  std::string number_;
  std::string problem_;
  std::string hint_;
};

JsonRead failure(std::size_t offset, std::string problem, std::string hint = {}) {
  JsonRead read;
  read.offset = offset;
  read.problem = std::move(problem);
  read.hint = std::move(hint);
  return read;
}

/// The offset of the quote that opens the string whose closing quote is at `close`.
std::size_t start_of_string(std::string_view text, std::size_t close) {
  for (std::size_t at = close; at > 0;) {
    at = text.rfind('"', at - 1);
    if (at == std::string_view::npos) break;
    std::size_t slashes = 0;
    while (slashes < at && text[at - 1 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) return at;
  }
  return close;
}

JsonRead syntax_failure(std::string_view text, std::size_t offset, const json::error_code& ec) {
  if (ec == json::error::incomplete) {
    return failure(text.size(), "the JSON text ends too early", "a bracket or a quote is not closed");
  }
  if (ec == json::error::too_deep) return failure(offset, fmt::format("nested deeper than {}", max_nesting));
  if (ec == json::error::exponent_overflow) return failure(offset, "the number is too large");
  if (ec == json::error::extra_data) return failure(offset, "there is text after the JSON document");
  return failure(offset, fmt::format("this is not JSON: {}", ec.message()));
}

} // namespace

JsonRead read_json(std::string_view text) {
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    return failure(bad, "the text is not valid UTF-8", "save it as UTF-8");
  }
  json::parse_options options;
  options.max_depth = max_nesting;
  json::basic_parser<Builder> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  const Builder& built = parser.handler();
  if (!built.problem().empty()) {
    const bool key = built.problem().starts_with("the key");
    return failure(key ? start_of_string(text, used) : used, built.problem(), built.hint());
  }
  if (!ec && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) ec = json::error::extra_data;
  if (ec) return syntax_failure(text, used, ec);
  JsonRead read;
  read.value = parser.handler().release();
  return read;
}

} // namespace runbook
