#include "yaml/read.hpp"

#include "utf8.hpp"
#include "yaml/scalar.hpp"

#include <runbook/parse.hpp>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::yaml {

namespace {

constexpr std::string_view quote_it = "put quotes around it if it is text";

std::uint32_t narrow(std::size_t offset) noexcept {
  return static_cast<std::uint32_t>(offset);
}

/// Line breaks to some readers of YAML and not to others, as libyaml reads them: none of them is worth a script that
/// changes on the way.
std::optional<Problem> find_doubtful_break(std::string_view text) {
  struct Break {
    std::string_view bytes, name, escape;
  };
  for (const auto& [bytes, name, escape] : {Break{"\xC2\x85", "U+0085", "\\N"}, Break{"\xE2\x80\xA8", "U+2028", "\\L"},
                                            Break{"\xE2\x80\xA9", "U+2029", "\\P"}}) {
    const std::size_t at = text.find(bytes);
    if (at == std::string_view::npos) continue;
    return Problem{at, at + bytes.size(), fmt::format("{} is a line break in some versions of YAML only", name),
                   fmt::format("remove it, or write it as {} in double quotes", escape)};
  }
  return std::nullopt;
}

std::string_view text_of(const yaml_event_t& event) noexcept {
  return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
}

/// Builds the value from the events.
class Reader {
public:
  explicit Reader(std::string_view text) : text_(text), events_(text) {}

  Read run() {
    while (!done_ && !failed_) {
      if (!events_.next()) {
        read_.problem = std::move(events_.problem());
        failed_ = true;
      } else {
        take();
      }
    }
    if (failed_) {
      read_.value.reset();
    } else if (!read_.value) {
      read_.value.emplace(nullptr);
      const std::uint32_t end = narrow(text_.size());
      read_.places.push_back({end, end, end, end, 1});
    }
    return std::move(read_);
  }

private:
  /// An array or object that is being read.
  struct Open {
    Value value;
    std::size_t place = 0; ///< its index in the places
    bool flow = false;     ///< written with brackets
    std::string key;       ///< of the member that is read now
    bool has_key = false;
    std::size_t key_begin = 0;
  };

  void take() {
    const yaml_event_t& event = events_.event();
    switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
      if (std::exchange(started_, true)) refuse("there is a second document", "one file is one runbook");
      break;
    case YAML_STREAM_END_EVENT: done_ = true; break;
    case YAML_ALIAS_EVENT: refuse("aliases (*name) are not read", "write the value out"); break;
    case YAML_SCALAR_EVENT: scalar(event); break;
    case YAML_SEQUENCE_START_EVENT: {
      const auto& start = event.data.sequence_start;
      if (!decorated(start.anchor, start.tag)) open(boost::json::array(), start.style == YAML_FLOW_SEQUENCE_STYLE);
      break;
    }
    case YAML_MAPPING_START_EVENT: {
      const auto& start = event.data.mapping_start;
      if (!decorated(start.anchor, start.tag)) open(Values(), start.style == YAML_FLOW_MAPPING_STYLE);
      break;
    }
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: close(); break;
    default: break;
    }
  }

  bool decorated(const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) refuse("anchors (&name) are not read", "write the value out where it is needed");
    if (tag != nullptr) refuse("tags (!name) are not read", "remove it; put quotes around what is text");
    return failed_;
  }

  void refuse(std::string_view what, std::string_view hint) { refuse(events_.begin(), events_.end(), what, hint); }

  void refuse(std::size_t begin, std::size_t end, std::string_view what, std::string_view hint) {
    if (std::exchange(failed_, true)) return;
    read_.problem = {begin, end, std::string(what), std::string(hint)};
  }

  [[nodiscard]] bool key_comes() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
  }

  void open(Value empty, bool flow) {
    if (key_comes()) {
      return refuse("a key is text, and this is an object or a list", "put quotes around text that starts with { or [");
    }
    if (open_.size() == max_nesting) return refuse(fmt::format("nested deeper than {}", max_nesting), {});
    const std::size_t place = begin_value(events_.begin());
    open_.push_back({std::move(empty), place, flow, {}, false, 0});
  }

  /// Notes where a value starts.
  std::size_t begin_value(std::size_t begin) {
    const bool member = !open_.empty() && open_.back().has_key;
    const std::uint32_t at = narrow(begin);
    read_.places.push_back({member ? narrow(open_.back().key_begin) : at, at, at, at, 0});
    return read_.places.size() - 1;
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    // What has no brackets ends with the last thing in it.
    if (closed.flow) last_end_ = events_.end();
    add(std::move(closed.value), closed.place);
  }

  /// Puts a value that is complete where it belongs.
  void add(Value value, std::size_t place) {
    read_.places[place].end = narrow(std::max<std::size_t>(last_end_, read_.places[place].begin));
    read_.places[place].next = narrow(read_.places.size());
    if (open_.empty()) {
      read_.value = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (auto* array = parent.value.if_array()) {
      array->push_back(std::move(value));
    } else {
      parent.value.get_object().emplace(parent.key, std::move(value));
      parent.has_key = false;
    }
  }

  void scalar(const yaml_event_t& event) {
    if (decorated(event.data.scalar.anchor, event.data.scalar.tag)) return;
    const std::string_view text = text_of(event);
    const bool plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (key_comes()) return key(text, plain);
    last_end_ = end_of_text(event.data.scalar.style);
    std::optional<Value> value = plain ? plain_value(text) : Value(text);
    if (!value) return refuse(fmt::format("the number {} is too large", text), quote_it);
    const std::size_t place = begin_value(events_.begin());
    if (!plain) read_.places[place].content = narrow(content_of(event.data.scalar.style));
    if (plain && value->is_number()) doubt(text, *value);
    add(std::move(*value), place);
  }

  /// A block's end mark stands behind its last line; what follows its text are line ends.
  [[nodiscard]] std::size_t end_of_text(yaml_scalar_style_t style) const {
    std::size_t end = events_.end();
    if (style != YAML_LITERAL_SCALAR_STYLE && style != YAML_FOLDED_SCALAR_STYLE) return end;
    while (end > events_.begin() && std::string_view(" \t\r\n").find(text_[end - 1]) != std::string_view::npos) --end;
    return end;
  }

  [[nodiscard]] std::size_t content_of(yaml_scalar_style_t style) const {
    const std::size_t begin = events_.begin();
    if (style != YAML_LITERAL_SCALAR_STYLE && style != YAML_FOLDED_SCALAR_STYLE) return begin + 1;
    const std::size_t line_end = text_.find('\n', begin);
    const std::size_t content = line_end < last_end_ ? text_.find_first_not_of(" \r\n", line_end) : begin;
    return std::min(content, last_end_);
  }

  void key(std::string_view text, bool plain) {
    if (plain && text == "<<") return refuse("merge keys (<<) are not read", "write the members out");
    const std::optional<Value> value = plain ? plain_value(text) : Value(text);
    if (!value || !value->is_string()) {
      return refuse(fmt::format("a key is text, and {} is none", text.empty() ? "nothing" : text),
                    "put quotes around it");
    }
    Open& object = open_.back();
    if (const Value* first = object.value.get_object().if_contains(text)) return twice(text, *first);
    object.key = text;
    object.has_key = true;
    object.key_begin = events_.begin();
  }

  void twice(std::string_view text, const Value& first) {
    const Open& object = open_.back();
    std::size_t place = object.place + 1;
    for (const auto& member : object.value.get_object()) {
      if (&member.value() == &first) break;
      place = read_.places[place].next;
    }
    const std::string_view before = text_.substr(0, read_.places[place].key);
    refuse(fmt::format("the key '{}' is there twice, first in line {}", text, 1 + std::ranges::count(before, '\n')),
           "remove one of the two");
  }

  /// `1.10` is a version to a person and the number 1.1 to YAML.
  void doubt(std::string_view text, const Value& value) {
    if (text.find('.') == std::string_view::npos || text.back() != '0' ||
        text.find_first_of("eE") != std::string_view::npos) {
      return;
    }
    read_.doubtful.push_back({events_.begin(), events_.end(),
                              fmt::format("{} is read as the number {}", text, to_text(value)), std::string(quote_it)});
  }

  std::string_view text_;
  Events events_;
  Read read_;
  std::vector<Open> open_;
  std::size_t last_end_ = 0; ///< of the last scalar, or of the last value with brackets
  bool started_ = false;
  bool done_ = false;
  bool failed_ = false;
};

} // namespace

Read read(std::string_view text) {
  Read refused;
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    refused.problem = {bad, bad, "the text is not valid UTF-8", "save it as UTF-8"};
    return refused;
  }
  if (auto problem = find_doubtful_break(text)) {
    refused.problem = std::move(*problem);
    return refused;
  }
  return Reader(text).run();
}

} // namespace runbook::yaml
