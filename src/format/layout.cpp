#include "format/layout.hpp"

#include "format/fence_text.hpp"
#include "format/lines.hpp"
#include "format/places.hpp"
#include "format/tree_shape.hpp"
#include "markdown/closed_fence.hpp"
#include "markdown/fences.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::format {

namespace {

using markdown::Context;
using markdown::Node;
using markdown::NodeType;
using Lines = std::vector<std::string>;

constexpr long last_number = 999'999'999;    // of an ordered list: a longer one is no list
constexpr std::size_t deepest_lazy_line = 4; // deeper than that, what it would be indented by adds up

/// A block, or lines that are none: definitions of links.
struct Piece {
  Lines lines;
  Node node;
  std::uint32_t first = 0; ///< line
  std::uint32_t last = 0;
  bool apart = true;  ///< a blank line stands in front of it
  bool intact = true; ///< all its blocks of code are closed
};

class Layout {
public:
  Layout(const Context& context, Node root, const LayoutOptions& options)
      : context_(context), root_(root), options_(options), places_(find_places(context, root, options.titled)) {}

  std::string run() {
    Frame frame;
    frame.first = options_.first_line;
    const bool ended = context_.source.text().ends_with('\n');
    frame.last = context_.source.line_count() - (ended ? 1 : 0);
    std::string out;
    bool open = false; // the piece before goes on to this one: nothing may be put between them
    for (const Piece& piece : pieces(root_, frame)) {
      if (!out.empty() && !open) out += '\n';
      for (const std::string& line : piece.lines) out.append(line) += '\n';
      open = !piece.intact;
    }
    return out;
  }

private:
  // What stands in a container.

  std::vector<Piece> pieces(Node parent, const Frame& frame) {
    std::vector<Piece> found;
    std::uint32_t at = frame.first;
    for (Node child = parent.first_child(); child; child = child.next()) {
      definitions(frame, at, child.line(), found);
      found.push_back(piece(child, frame));
      at = found.back().last + 1;
    }
    definitions(frame, at, frame.last + 1, found);
    for (std::size_t i = found.size(); i-- > 1;) keep_out(found[i - 1], found[i], frame);
    return found;
  }

  /// Lines that the tree has nothing for: definitions of links.
  void definitions(const Frame& frame, std::uint32_t from, std::uint32_t to, std::vector<Piece>& found) const {
    Piece* open = nullptr;
    for (std::uint32_t number = from; number < to; ++number) {
      std::string line = own_line(number, frame);
      if (is_blank_line(line)) {
        open = nullptr;
        continue;
      }
      if (open == nullptr) open = &found.emplace_back(Piece{{}, {}, number, number, is_apart(number, frame), true});
      open->lines.push_back(std::move(line));
      open->last = number;
    }
  }

  Piece piece(Node node, const Frame& outer) {
    Frame frame = outer;
    const bool top = frame.depth == 0;
    if (top) {
      place_ = places_.of(node);
      frame.step = place_ == Place::in_step;
      safe_ = true;
    }
    Piece piece{{}, node, node.line(), last_line(node, frame), is_apart(node.line(), frame), true};
    if (top && !all_closed(node)) {
      safe_ = false;
      piece.intact = false;
      piece.last = node.next() ? node.next().line() - 1 : frame.last; // blank lines at its end may belong to the code
    }
    if (safe_) piece.lines = block(piece, frame);
    if (!safe_) piece.lines.clear(); // it is not needed: the whole block at the top stays as it is
    if (top && !(safe_ && reads_the_same(piece))) piece.lines = verbatim(piece);
    return piece;
  }

  /// What is indented behind a list would become a part of it if the list's own indentation shrinks.
  void keep_out(Piece& piece, const Piece& next, const Frame& frame) {
    if (!piece.node || !piece.node.is(NodeType::list) || next.lines.empty() || !next.lines[0].starts_with(' ')) return;
    piece.lines = frame.depth == 0 ? verbatim(piece) : as_it_is(piece, frame);
  }

  [[nodiscard]] bool reads_the_same(const Piece& piece) const {
    const Lines before = verbatim(piece);
    if (before == piece.lines) return true;
    std::string old_text;
    std::string new_text;
    for (const std::string& line : before) old_text.append(line) += '\n';
    for (const std::string& line : piece.lines) new_text.append(line) += '\n';
    const auto old_shape = shape_of(old_text);
    return old_shape && old_shape == shape_of(new_text);
  }

  // Where things are.

  [[nodiscard]] bool is_apart(std::uint32_t line, const Frame& frame) const {
    return line > frame.first && is_blank_line(context_.source.line(line - 1));
  }

  /// cmark's own count is wrong for HTML, and has the blank lines behind a list.
  [[nodiscard]] std::uint32_t last_line(Node node, const Frame& frame) const {
    const auto lines = static_cast<std::uint32_t>(std::ranges::count(node.literal(), '\n'));
    if (node.is(NodeType::code) && node.is_fenced()) return closed(node) ? node.end_line() : node.line() + lines;
    const bool counted = node.is(NodeType::html) || node.is(NodeType::code);
    const std::uint32_t limit = node.next() ? node.next().line() - 1 : frame.last;
    std::uint32_t last = counted ? node.line() + std::max(lines, 1U) - 1 : std::min(node.end_line(), limit);
    while (last > node.line() && is_blank_line(context_.source.line(last))) --last;
    return last;
  }

  [[nodiscard]] bool closed(Node fence) const { return markdown::is_closed(context_.source, fence, root_); }

  [[nodiscard]] bool all_closed(Node block) const {
    for (Node node = block; node;) {
      if (node.is(NodeType::code) && node.is_fenced() && !closed(node)) return false;
      const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
      node = leaf ? node.after_in(block) : node.next_in(block);
    }
    return true;
  }

  /// A line of a container without what the container puts in front of it.
  [[nodiscard]] std::string own_line(std::uint32_t number, const Frame& frame) const {
    const std::string_view line = context_.source.line(number);
    if (number == frame.marker_line) return std::string(line.substr(std::min(frame.content, line.size())));
    const std::size_t blanks = leading_blanks(line);
    if (frame.column > 0 && line.substr(0, blanks).find('\t') != std::string_view::npos) safe_ = false;
    if (blanks < line.size()) watch_lazy(blanks, frame);
    return std::string(line.substr(std::min(frame.column, blanks)));
  }

  void watch_lazy(std::size_t blanks, const Frame& frame) const {
    if (blanks < frame.column && frame.depth > deepest_lazy_line) safe_ = false;
  }

  [[nodiscard]] Lines verbatim(const Piece& piece) const {
    Lines lines;
    for (std::uint32_t number = piece.first; number <= piece.last; ++number) {
      lines.emplace_back(context_.source.line(number));
    }
    return lines;
  }

  // The blocks.

  Lines block(const Piece& piece, const Frame& frame) {
    const Node node = piece.node;
    switch (node.type()) {
    case NodeType::paragraph: return paragraph(piece, frame);
    case NodeType::heading: return heading(piece, frame);
    case NodeType::code:
      if (frame.step && is_shown(node)) break;
      return code(node);
    case NodeType::list:
      if (frame.step && (options_.inner == InnerLists::kept || !markdown::holds_runnable_fence(context_, node))) break;
      return list(piece, frame);
    case NodeType::html:
    case NodeType::quote: break;
    default: return {std::string(markdown::trim(text_from(node.line(), node.byte())))}; // a rule
    }
    return as_it_is(piece, frame);
  }

  [[nodiscard]] std::string_view text_from(std::uint32_t number, std::size_t byte) const {
    const std::string_view line = context_.source.line(number);
    return line.substr(std::min(byte, line.size()));
  }

  /// Moved as a whole.
  [[nodiscard]] Lines as_it_is(const Piece& piece, const Frame& frame) const {
    Lines lines;
    for (std::uint32_t number = piece.first; number <= piece.last; ++number) lines.push_back(own_line(number, frame));
    const bool indented = piece.node.is(NodeType::code) && !piece.node.is_fenced();
    if (!indented && !piece.node.is(NodeType::html)) take_common_indent(lines);
    return lines;
  }

  [[nodiscard]] Lines paragraph(const Piece& piece, const Frame& frame) const {
    const Node node = piece.node;
    Lines lines;
    for (std::uint32_t number = piece.first; number <= piece.last && safe_; ++number) {
      const std::string_view line = context_.source.line(number);
      const std::size_t blanks = leading_blanks(line);
      if (number != piece.first) watch_lazy(blanks, frame);
      const std::size_t cut = number == piece.first ? node.byte() : std::min<std::size_t>(node.byte(), blanks);
      lines.push_back(without_trailing_blanks(text_from(number, cut), number == piece.last));
    }
    if (place_ == Place::metadata) canonical_keys(lines);
    const bool in_steps = place_ == Place::items || place_ == Place::in_step;
    if (in_steps) canonical_label(node, lines, piece.first == frame.marker_line);
    return lines;
  }

  [[nodiscard]] Lines heading(const Piece& piece, const Frame& frame) const {
    const Node node = piece.node;
    std::string_view text = text_from(node.line(), node.byte());
    const bool setext = piece.last > piece.first;
    const bool kept = frame.step || piece.last > piece.first + 1 || (setext && markdown::trim(text).ends_with('#'));
    if (kept) return as_it_is(piece, frame);
    if (!setext) {
      text = markdown::trim(text.substr(std::min(text.find_first_not_of('#'), text.size())));
      const std::size_t end = text.find_last_not_of('#') + 1; // npos + 1 is 0
      if (end == 0 || markdown::is_blank(text[end - 1])) text = markdown::trim(text.substr(0, end));
    }
    text = markdown::trim(text);
    return {fmt::format("{:#>{}}{}{}", "", node.heading_level(), text.empty() ? "" : " ", text)};
  }

  /// Whether the code of a step is text to a person: then it stays as it is with its marks.
  [[nodiscard]] bool is_shown(Node code) const {
    if (!code.is_fenced()) return true;
    if (is_labelled(code, markdown::Label::expected)) return false;
    return !markdown::holds_runnable_fence(context_, code) || is_labelled(code, markdown::Label::note);
  }

  [[nodiscard]] Lines code(Node node) const {
    std::string_view text = node.literal();
    if (node.is_fenced()) {
      const auto info = markdown::read_info_string(context_, node);
      const bool runnable = is_runnable(markdown::use_of(info, context_.options));
      const std::string_view opening = text_from(node.line(), node.byte());
      const std::size_t mark = std::min(opening.find_first_not_of(opening.substr(0, 1)), opening.size());
      const bool empty = text.empty();
      if (!empty) text.remove_suffix(1);
      return fence_lines(canonical_info(opening.substr(mark), info, runnable), text, empty);
    }
    Lines lines;
    for (std::string_view line; markdown::next_line(text, line);) {
      lines.push_back(line.empty() ? std::string() : "    " + std::string(line));
    }
    return lines;
  }

  // Lists.

  Lines list(const Piece& piece, const Frame& outer) {
    const Node list = piece.node;
    bool apart = false;
    for (Node item = list.first_child(); item; item = item.next()) {
      apart = apart || (item != list.first_child() && is_blank_line(context_.source.line(item.line() - 1)));
    }
    Lines lines;
    long number = list.list_start();
    for (Node item = list.first_child(); item && safe_; item = item.next(), ++number) {
      if (apart && item != list.first_child()) lines.emplace_back();
      const Marker marker = read_marker(context_.source.line(item.line()), item.byte());
      if (marker.cuts_a_tab || (list.is_ordered() && number > last_number)) safe_ = false;
      const std::string mark =
          list.is_ordered() ? fmt::format("{}{}", number, marker.delimiter) : std::string(1, marker.delimiter);
      Frame frame = outer;
      frame.first = frame.marker_line = item.line();
      frame.last = item.next() ? item.next().line() - 1 : piece.last;
      frame.content = marker.content;
      frame.column = marker.column;
      frame.depth = outer.depth + 1;
      frame.step = outer.step || place_ == Place::items;
      add_item(lines, mark, pieces(item, frame));
    }
    return lines;
  }

  static void add_item(Lines& lines, const std::string& mark, std::vector<Piece> pieces) {
    const std::string indent(mark.size() + 1, ' ');
    bool first = true;
    if (!pieces.empty() && !(pieces[0].node && pieces[0].node.is(NodeType::code)) && !pieces[0].lines.empty()) {
      std::string& line = pieces[0].lines[0]; // blanks in front of it would move what the other lines have to reach
      line = markdown::trim_left(line);
    }
    for (Piece& piece : pieces) {
      if (!first && piece.apart) lines.emplace_back();
      for (std::string& line : piece.lines) {
        const std::string& front = first ? mark + " " : indent;
        lines.push_back(line.empty() ? (first ? mark : std::string()) : front + line);
        first = false;
      }
    }
    if (first) lines.push_back(mark);
  }

  const Context& context_;
  Node root_;
  LayoutOptions options_;
  Places places_;
  Place place_ = Place::prose;
  mutable bool safe_ = true; ///< of the block at the top that is laid out just now
};

} // namespace

std::string lay_out(const Context& context, Node root, const LayoutOptions& options) {
  return Layout(context, root, options).run();
}

} // namespace runbook::format
