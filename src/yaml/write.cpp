#include <runbook/parse.hpp>

#include "utf8.hpp"
#include "yaml/scalar.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace runbook {

namespace yaml {
namespace {

constexpr std::size_t step = 2;          // of the indentation
constexpr std::size_t longest_key = 250; // as a simple key; readers have to take 1024 characters
constexpr std::string_view hard = "#:";  // start a comment or a value next to a blank

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

/// Whether YAML lets the character stand as itself.
bool is_printable(char32_t c) noexcept {
  if (c < 0x20) return c == '\t' || c == '\n';
  return c != 0x7F && (c < 0x80 || c > 0x9F) && c != 0x2028 && c != 0x2029 && c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

bool is_printable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    if (point.size == 0 || !is_printable(point.value)) return false;
    at += point.size;
  }
  return true;
}

/// Text that means itself without quotes, to readers of any version of YAML.
bool is_plain(std::string_view text) {
  if (text.empty() || is_special_word(text)) return false;
  if (!is_letter(text.front()) && std::string_view("/_$(").find(text.front()) == std::string_view::npos) return false;
  if (text.back() == ' ' || text.back() == ':' || text.find_first_of("\t\n") != std::string_view::npos) return false;
  for (std::size_t at = text.find_first_of(hard); at != std::string_view::npos; at = text.find_first_of(hard, at + 1)) {
    if (text[at] == '#' ? text[at - 1] == ' ' : text[at + 1] == ' ') return false;
  }
  return true;
}

void write_escaped(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const char c = text[at];
    if (c == '"' || c == '\\') {
      out.append("\\").append(1, c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (point.size == 0) {
      out += "\\uFFFD"; // YAML is Unicode: other bytes have no form
    } else if (!is_printable(point.value)) {
      out += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(point.value));
    } else {
      out.append(text.substr(at, point.size));
    }
    at += std::max<std::size_t>(point.size, 1);
  }
  out += '"';
}

/// Text on one line.
void write_flow_text(std::string& out, std::string_view text) {
  if (!is_printable(text) || text.find_first_of("\t\n") != std::string_view::npos) return write_escaped(out, text);
  if (is_plain(text)) {
    out += text;
  } else if (text.find_first_of("\"\\") == std::string_view::npos) {
    out.append("\"").append(text).append("\"");
  } else {
    out += '\'';
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    out += '\'';
  }
}

/// Text of several lines as a block, which keeps every one of its bytes: the header says whether the first line starts
/// with a blank and which line ends there are at the end.
void write_block_text(std::string& out, std::string_view text, std::size_t indent) {
  out += '|';
  if (text.front() == ' ' || text.front() == '\t' || text.front() == '\n') out += std::to_string(step);
  if (!text.ends_with('\n')) {
    out += '-';
  } else if (text.ends_with("\n\n")) {
    out += '+';
  }
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += '\n';
    if (end > begin) out.append(indent, ' ').append(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

bool fits_block(std::string_view text) {
  return text.find('\n') != std::string_view::npos && text.find_first_not_of(" \t\n") != std::string_view::npos &&
         is_printable(text);
}

/// A number of YAML and JSON. One that is whole keeps its exponent: it would come back as an integer without.
void write_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 64> digits{};
  const bool whole = number == std::floor(number);
  const auto [end, problem] =
      whole ? std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::scientific)
            : std::to_chars(digits.data(), digits.data() + digits.size(), number);
  static_cast<void>(problem);
  out.append(digits.data(), end);
}

class Writer {
public:
  std::string document(const Values& members) {
    if (members.empty()) return "{}\n";
    object(members, 0, true);
    return std::move(out_);
  }

private:
  /// What follows `key:` or `-`. `indent` is that of the key or the dash.
  void value(const Value& value, std::size_t indent) {
    if (const auto* members = value.if_object(); members != nullptr && !members->empty()) {
      out_ += '\n';
      return object(*members, indent + step, true);
    }
    if (const auto* elements = value.if_array(); elements != nullptr && !elements->empty()) {
      out_ += '\n';
      return array(*elements, indent + step);
    }
    out_ += ' ';
    scalar(value, indent + step);
    out_ += '\n';
  }

  void scalar(const Value& value, std::size_t indent) {
    switch (value.kind()) {
    case boost::json::kind::object: out_ += "{}"; break;
    case boost::json::kind::array: out_ += "[]"; break;
    case boost::json::kind::double_: write_number(out_, value.get_double()); break;
    case boost::json::kind::string: {
      const std::string_view text = value.get_string();
      if (fits_block(text)) return write_block_text(out_, text, indent);
      return write_flow_text(out_, text);
    }
    default: out_ += canonical_json(value);
    }
  }

  /// `indented`: whether the first line still needs its indentation; it does not behind a dash.
  void object(const Values& members, std::size_t indent, bool indented) {
    for (const auto& member : members) {
      if (std::exchange(indented, true)) out_.append(indent, ' ');
      key(member.key(), indent);
      value(member.value(), indent);
    }
  }

  void key(std::string_view text, std::size_t indent) {
    const bool simple = text.size() <= longest_key;
    if (!simple) out_ += "? ";
    write_flow_text(out_, text);
    if (!simple) out_.append("\n").append(indent, ' ');
    out_ += ':';
  }

  void array(const boost::json::array& elements, std::size_t indent) {
    for (const Value& element : elements) {
      out_.append(indent, ' ').append("-");
      const auto* members = element.if_object();
      if (members == nullptr || members->empty()) {
        value(element, indent);
      } else {
        out_ += ' ';
        object(*members, indent + step, false);
      }
    }
  }

  std::string out_;
};

} // namespace
} // namespace yaml

std::string to_yaml(const Runbook& runbook) {
  return yaml::Writer().document(to_json(runbook).as_object());
}

} // namespace runbook
