#include "markdown/info_string.hpp"

#include "markdown/attribute_set.hpp"
#include "markdown/text.hpp"
#include "utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t max_attributes = 100; // of one block or title

/// Takes attributes off a text from left to right.
class AttributeScanner {
public:
  AttributeScanner(const Context& context, std::string_view text, std::uint32_t line, std::size_t byte,
                   std::vector<std::string>& flaws)
      : context_(context), text_(text), line_(line), byte_(byte), flaws_(flaws) {}

  std::vector<Attribute> run() {
    bool braces = false;
    for (skip(); at_ < text_.size(); skip()) {
      if (text_[at_] == '{') {
        if (braces) flaws_.emplace_back("a second '{'");
        braces = true;
        ++at_;
      } else if (text_[at_] == '}') {
        if (!braces) flaws_.emplace_back("a '}' without '{'");
        braces = false;
        ++at_;
      } else if (found_.size() == max_attributes) {
        flaws_.push_back(fmt::format("more than {}", max_attributes));
        return std::move(found_);
      } else {
        found_.push_back(attribute());
      }
    }
    if (braces) flaws_.emplace_back("a '{' without '}'");
    return std::move(found_);
  }

private:
  void skip() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == ',')) ++at_;
  }

  [[nodiscard]] bool ends_word(char c) const { return is_blank(c) || c == ',' || c == '{' || c == '}'; }

  Attribute attribute() {
    const std::size_t begin = at_;
    Attribute attribute;
    while (at_ < text_.size() && text_[at_] != '=' && !ends_word(text_[at_])) attribute.name += text_[at_++];
    const std::size_t equals = at_;
    if (at_ < text_.size() && text_[at_] == '=') {
      ++at_;
      attribute.has_value = true;
      attribute.value = value();
    }
    attribute.span = context_.source.in_line(line_, byte_ + begin, byte_ + at_);
    if (attribute.has_value) place_value(attribute, text_.substr(begin, equals + 1 - begin));
    return attribute;
  }

  /// Counted from the attribute's own place, because each place in a long line that is asked for has its price.
  void place_value(Attribute& attribute, std::string_view before) const {
    const std::size_t begin = static_cast<std::size_t>(before.data() - text_.data()) + before.size();
    const std::size_t quote = begin < at_ && (text_[begin] == '"' || text_[begin] == '\'') ? 1 : 0;
    const bool closed = quote == 1 && at_ > begin + 1 && text_[at_ - 1] == text_[begin];
    attribute.value_span = attribute.span;
    attribute.value_span.column += static_cast<std::uint32_t>(count_code_points(before) + quote);
    attribute.value_span.end_column -= closed ? 1 : 0;
  }

  std::string value() {
    std::string out;
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '"' && quote != '\'') {
      while (at_ < text_.size() && !ends_word(text_[at_])) out += text_[at_++];
      return out;
    }
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    if (at_ == text_.size()) {
      flaws_.push_back(fmt::format("a quote {} that is not closed", quote));
    } else {
      ++at_;
    }
    return out;
  }

  const Context& context_;
  std::string_view text_;
  std::uint32_t line_;
  std::size_t byte_;
  std::vector<std::string>& flaws_;
  std::vector<Attribute> found_;
  std::size_t at_ = 0;
};

} // namespace

std::vector<Attribute> read_attributes(const Context& context, std::string_view text, std::uint32_t line,
                                       std::size_t byte, std::vector<std::string>& flaws) {
  return AttributeScanner(context, text, line, byte, flaws).run();
}

namespace {

/// `{.bash .numberLines}` and `{bash}`: the first word in the braces is the language, if it means nothing else.
void take_language_from_attributes(InfoString& info) {
  if (info.attributes.empty()) return;
  const Attribute& first = info.attributes.front();
  if (first.has_value || first.name.starts_with('#') || is_format_attribute(first.name)) return;
  info.language = lower(first.name.starts_with('.') ? std::string_view(first.name).substr(1) : first.name);
  info.attributes.erase(info.attributes.begin());
}

/// `shell script` is one name for some tools.
void join_shell_script(InfoString& info) {
  const auto& all = info.attributes;
  if (info.language == "shell" && !all.empty() && !all.front().has_value && lower(all.front().name) == "script") {
    info.attributes.erase(info.attributes.begin());
  }
}

bool opens_json(std::string_view text) {
  if (!text.starts_with('{')) return false;
  const std::string_view inside = trim_left(text.substr(1));
  return inside.starts_with('"') && inside.find(':') != std::string_view::npos;
}

} // namespace

InfoString read_info_string(const Context& context, Node fence) {
  InfoString info = read_use(context, fence);
  info.span = context.first_line(fence);
  return info;
}

InfoString read_use(const Context& context, Node fence) {
  InfoString info;
  if (!fence.is_fenced()) return info;
  // Taken from the document itself and not from cmark, which resolves escapes: so columns are right and a value that
  // holds `&amp;` or `\"` stays what it is.
  const std::string_view line = context.source.line(fence.line());
  std::size_t at = std::min<std::size_t>(fence.byte(), line.size());
  const char mark = at < line.size() ? line[at] : '`';
  while (at < line.size() && line[at] == mark) ++at;
  while (at < line.size() && is_blank(line[at])) ++at;
  const std::size_t language = at;
  while (at < line.size() && !is_blank(line[at]) && line[at] != '{') ++at;
  info.language = lower(line.substr(language, at - language));
  const std::string_view rest = trim(line.substr(at));
  if (opens_json(rest)) {
    info.json = rest;
    return info;
  }
  if (!rest.empty()) {
    info.attributes = read_attributes(context, line.substr(at), fence.line(), at, info.flaws);
    if (info.language.empty() && rest.starts_with('{')) take_language_from_attributes(info);
    join_shell_script(info);
  }
  info.shows_prompt = info.language.empty() && fence.literal().starts_with("$ ");
  return info;
}

} // namespace runbook::markdown
