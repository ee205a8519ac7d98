#include "markdown/context.hpp"

#include "by_place.hpp"
#include "markdown/text.hpp"
#include "printable.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

std::uint32_t last_line(const SourceText& source, Node block) {
  std::uint32_t line = std::min(block.end_line(), source.line_count());
  while (line > block.line() && trim(source.line(line)).empty()) --line;
  return line;
}

} // namespace

void Findings::error(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint) {
  add(Severity::error, code, span, message, hint);
}

void Findings::warning(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint) {
  add(Severity::warning, code, span, message, hint);
}

void Findings::note(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint) {
  add(Severity::note, code, span, message, hint);
}

void Findings::add(Severity severity, std::string_view code, const SourceSpan& span, std::string_view message,
                   std::string_view hint) {
  last_is_kept_ = limit_.admit(severity);
  if (!last_is_kept_) return;
  all_.push_back({severity, std::string(code), printable(message), printable(hint), path_, {}, span});
}

void Findings::name_step(std::size_t first, std::size_t last, std::string_view id) {
  for (std::size_t i = first; i < std::min(last, all_.size()); ++i) {
    if (all_[i].step.empty()) all_[i].step = id;
  }
}

std::vector<Diagnostic> Findings::take() {
  sort_by_place(all_);
  limit_.tell(all_, path_);
  return std::move(all_);
}

SourceSpan Context::span(Node block) const {
  const std::uint32_t last = last_line(source, block);
  return source.lines(block.line(), block.byte(), last, trim_right(source.line(last)).size());
}

SourceSpan Context::first_line(Node block) const {
  return source.in_line(block.line(), block.byte(), trim_right(source.line(block.line())).size());
}

std::string Context::markdown(Node block) const {
  std::string out;
  const std::uint32_t last = last_line(source, block);
  // cmark has indented code start behind the four blanks that make it code.
  const bool indented = block.is(NodeType::code) && !block.is_fenced();
  const std::size_t margin = block.byte() - (indented ? std::min<std::size_t>(block.byte(), 4) : 0);
  for (std::uint32_t number = block.line(); number <= last; ++number) {
    const std::string_view line = source.line(number);
    const std::size_t text = line.size() - trim_left(line).size();
    const std::size_t cut = number == block.line() && !indented ? margin : std::min(margin, text);
    if (number != block.line()) out += '\n';
    out += trim_right(line.substr(std::min(cut, line.size())));
  }
  return out;
}

} // namespace runbook::markdown
