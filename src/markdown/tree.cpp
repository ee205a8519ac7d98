#include "markdown/tree.hpp"

#include "markdown/inline_cost.hpp"
#include "markdown/text.hpp"

#include <runbook/parse.hpp>

#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <new>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t piece_bytes = 2048; // that cmark is fed before the depth is looked at
constexpr std::size_t most_marks = 4096;  // at the start of one line: cmark would open a block for each

/// Levels of quotes and lists that a block is in.
std::size_t levels_above(cmark_node* node) noexcept {
  std::size_t levels = 0;
  for (; node != nullptr && levels <= max_nesting; node = cmark_node_parent(node)) {
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_BLOCK_QUOTE || type == CMARK_NODE_ITEM) ++levels;
  }
  return levels;
}

/// Called by cmark with the innermost open block whenever it looks for the start of a new one. Every line costs cmark
/// a walk over the blocks that are open, so the depth must be known while the text is fed and not only afterwards.
/// Notes the first line that goes too deep.
cmark_node* watch_depth(cmark_syntax_extension* extension, int, cmark_parser* parser, cmark_node* innermost,
                        unsigned char*, int) {
  auto& line = *static_cast<std::uint32_t*>(cmark_syntax_extension_get_private(extension));
  if (line == 0 && levels_above(innermost) > max_nesting) {
    line = static_cast<std::uint32_t>(cmark_parser_get_line_number(parser));
  }
  return nullptr;
}

/// How many marks of quotes and lists a line starts with. None if it is a rule: `- - -`.
std::size_t marks_at_start(std::string_view line) noexcept {
  line = trim_right(line);
  if (line.find_first_not_of("- ") == std::string_view::npos ||
      line.find_first_not_of("* ") == std::string_view::npos) {
    return 0;
  }
  std::size_t marks = 0;
  for (line = trim_left(line); !line.empty(); line = trim_left(line), ++marks) {
    const bool number = is_digit(line.front());
    while (!line.empty() && is_digit(line.front())) line.remove_prefix(1);
    if (line.empty()) break;
    const std::string_view closers = number ? ".)" : ">-+*";
    if (closers.find(line.front()) == std::string_view::npos) break;
    if (line.front() != '>' && line.size() > 1 && !is_blank(line[1])) break;
    line.remove_prefix(1);
  }
  return marks;
}

struct FreeParser {
  void operator()(cmark_parser* parser) const noexcept { cmark_parser_free(parser); }
};

struct FreeExtension {
  void operator()(cmark_syntax_extension* extension) const noexcept {
    cmark_syntax_extension_free(cmark_get_default_mem_allocator(), extension);
  }
};

/// The line of the first block that is nested too deep, or 0.
std::uint32_t too_deep_at(Node root) noexcept {
  std::size_t levels = 0;
  Node node = root;
  while (node) {
    const bool container = node.is(NodeType::quote) || node.is(NodeType::item);
    if (container && ++levels > max_nesting) return node.line();
    const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
    if (const Node child = leaf ? Node() : node.first_child()) {
      node = child;
      continue;
    }
    for (; node && node != root; node = node.parent()) {
      if (node.is(NodeType::quote) || node.is(NodeType::item)) --levels;
      if (node.next()) break;
    }
    node = node && node != root ? node.next() : Node();
  }
  return 0;
}

TreeResult over_limit(std::uint32_t line) {
  TreeResult result;
  result.line = line;
  result.limit = fmt::format("lists and quotes are nested deeper than {}", max_nesting);
  return result;
}

} // namespace

TreeResult parse_tree(std::string_view text) {
  if (auto costly = find_costly_text(text)) {
    TreeResult result;
    result.line = costly->line;
    result.limit = std::move(costly->what);
    return result;
  }
  std::uint32_t too_deep = 0;
  Tree tree(text.size());
  const std::unique_ptr<cmark_parser, FreeParser> parser(
      cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, TreeMemory::functions()));
  const std::unique_ptr<cmark_syntax_extension, FreeExtension> depth(cmark_syntax_extension_new("runbook-depth"));
  if (!parser || !depth) throw std::bad_alloc();
  cmark_syntax_extension_set_private(depth.get(), &too_deep, nullptr);
  cmark_syntax_extension_set_open_block_func(depth.get(), watch_depth);
  cmark_parser_attach_syntax_extension(parser.get(), depth.get());
  // Whole lines, and not too many of them at once.
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t piece = std::min(begin + piece_bytes, text.size() - 1);
    const std::size_t end = std::min(text.find('\n', piece), text.size() - 1) + 1;
    if (end - piece > most_marks) {
      const std::size_t last_line = text.rfind('\n', piece - 1) + 1; // npos + 1 is 0
      if (marks_at_start(text.substr(last_line, end - last_line)) > most_marks) {
        return over_limit(static_cast<std::uint32_t>(1 + std::ranges::count(text.substr(0, last_line), '\n')));
      }
    }
    cmark_parser_feed(parser.get(), text.data() + begin, end - begin);
    if (too_deep != 0) return over_limit(too_deep);
    begin = end;
  }
  TreeResult result;
  tree.root_ = cmark_parser_finish(parser.get());
  if (const std::uint32_t at = too_deep_at(tree.root()); at != 0) return over_limit(at);
  result.tree = std::move(tree);
  return result;
}

} // namespace runbook::markdown
