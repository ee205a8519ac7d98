#include "yaml/events.hpp"

#include <new>

#include <fmt/format.h>

namespace runbook::yaml {

namespace {

bool continues_character(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// What helps with a problem of libyaml's, found by a part of its text.
std::string_view hint_for(std::string_view what, std::string_view rest) {
  const char c = rest.empty() ? '\0' : rest.front();
  if (what.find("cannot start any token") != std::string_view::npos) {
    return c == '\t' ? "indent with blanks: YAML allows no tabs there" : "put quotes around text that starts with it";
  }
  if (what.find("mapping values are not allowed") != std::string_view::npos) {
    return "put quotes around text that holds ': ', and indent the keys of one object alike";
  }
  if (what.find("escape") != std::string_view::npos) {
    return "a backslash in double quotes starts an escape: use single quotes, or a block |";
  }
  if (what.find("control characters") != std::string_view::npos) {
    return "write it as an escape such as \"\\e\" in double quotes";
  }
  if (what.find("tab character") != std::string_view::npos) return "indent with blanks";
  if (what.find("did not find expected") != std::string_view::npos) return "look at the indentation and the quotes";
  return {};
}

} // namespace

Events::Events(std::string_view text) : text_(text) {
  if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  // libyaml's interface is older than `const char`; it does not write.
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

Events::~Events() {
  yaml_event_delete(&event_);
  yaml_parser_delete(&parser_);
}

bool Events::next() {
  yaml_event_delete(&event_);
  if (yaml_parser_parse(&parser_, &event_) == 0) {
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    explain();
    return false;
  }
  begin_ = offset_of(event_.start_mark);
  end_ = offset_of(event_.end_mark);
  return true;
}

/// libyaml counts characters. Marks rise but for few, so going on from the last one makes one pass over the text.
std::size_t Events::offset_of(const yaml_mark_t& mark) {
  while (characters_ < mark.index && bytes_ < text_.size()) {
    do ++bytes_;
    while (bytes_ < text_.size() && continues_character(text_[bytes_]));
    ++characters_;
  }
  while (characters_ > mark.index && bytes_ > 0) {
    do --bytes_;
    while (bytes_ > 0 && continues_character(text_[bytes_]));
    --characters_;
  }
  return bytes_;
}

void Events::explain() {
  const std::string_view what = parser_.problem == nullptr ? "it cannot be read" : parser_.problem;
  const std::string_view context = parser_.context == nullptr ? "" : parser_.context;
  if (parser_.error == YAML_READER_ERROR) {
    problem_.begin = problem_.end = parser_.problem_offset;
  } else if (what == "found unexpected end of stream") {
    problem_.begin = problem_.end = offset_of(parser_.context_mark);
    problem_.what = "the quotes that are opened here are never closed";
    return;
  } else {
    problem_.begin = problem_.end = offset_of(parser_.problem_mark);
  }
  problem_.hint = hint_for(what, text_.substr(problem_.begin));
  problem_.what = fmt::format("this is not YAML: {}{}{}", what, context.empty() ? "" : " ", context);
}

} // namespace runbook::yaml
