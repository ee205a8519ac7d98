#include "markdown/leftovers.hpp"

#include "markdown/closed_fence.hpp"
#include "markdown/fences.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

class Sweep {
public:
  Sweep(const Context& context, const SectionPart& part, Node root) : context_(context), part_(part), root_(root) {}

  void run() {
    for (const Node block : part_.blocks) {
      for (Node node = block; node;) {
        const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
        if (node.is(NodeType::code)) code(node);
        if (node.is(NodeType::html)) html(node);
        if (node.is(NodeType::paragraph)) paragraph(node);
        node = leaf ? node.after_in(block) : node.next_in(block);
      }
    }
  }

private:
  void code(Node node) {
    if (node.is_fenced() && !is_closed(context_.source, node, root_)) {
      context_.findings.error("unclosed-fence", context_.first_line(node),
                              "the block is never closed: it takes in all that follows",
                              "close it with the same mark, indented like the opening one");
    }
    if (!node.accounted()) unaccounted(node);
  }

  void unaccounted(Node node) {
    const bool runs = node.is_fenced() && is_runnable(use_of(read_info_string(context_, node), context_.options));
    if (!runs) return explain_unrun(context_, node, {}, has_items(part_.kind) ? Severity::warning : Severity::note);
    node.mark_accounted();
    const SourceSpan place = context_.first_line(node);
    if (has_items(part_.kind)) {
      context_.findings.error(
          "block-outside-item", place,
          fmt::format("this block is not run: it stands in the section {}, but in none of its items",
                      section_title(part_.kind)),
          "indent it under its item, or put it below a heading of its own");
    } else {
      const std::string where = part_.name.empty() ? std::string("in front of the first section")
                                                   : fmt::format("in the section '{}'", part_.name);
      context_.findings.warning("block-not-run", place,
                                fmt::format("this block is not run: it stands {}, which is prose", where),
                                "what is to be run belongs into the section Steps");
    }
  }

  // A fence can follow a paragraph without a blank line, but not one that is indented by four and more: that continues
  // the paragraph. So it is with `10. ` and a block that is indented by three, as below `9. `.
  void paragraph(Node node) {
    for (std::uint32_t number = node.line() + 1; number <= node.end_line(); ++number) {
      const std::string_view line = context_.source.line(number);
      if (line.find("```") == std::string_view::npos && line.find("~~~") == std::string_view::npos) continue;
      const std::string_view text = line.substr(std::min(line.find_first_not_of(" \t>"), line.size()));
      if (!opens_block(text)) continue;
      const SourceSpan place = context_.source.in_line(number, line.size() - text.size(), line.size());
      const bool matters = has_items(part_.kind);
      context_.findings.add(matters ? Severity::error : Severity::warning, "block-in-paragraph", place,
                            "this looks like a block, but it continues the paragraph above and is not run",
                            "indent it exactly as far as the text of its item, or put a blank line in front of it");
      return;
    }
  }

  static bool opens_block(std::string_view text) {
    if (text.starts_with("~~~")) return true;
    if (!text.starts_with("```")) return false;
    return text.find('`', text.find_first_not_of('`')) == std::string_view::npos; // else it is code within the text
  }

  void html(Node node) {
    std::string_view rest = node.literal();
    std::uint32_t number = node.line();
    for (std::string_view line; next_line(rest, line); ++number) {
      const std::string_view text = line.substr(std::min(line.find_first_not_of(" \t>"), line.size()));
      if (!text.starts_with("```") && !text.starts_with("~~~")) continue;
      context_.findings.warning("block-in-html",
                                context_.source.in_line(number, line.size() - text.size(), line.size()),
                                "this looks like a block of code, but it stands inside of HTML and is not run",
                                "put blank lines around it, so that it is Markdown again");
    }
  }

  const Context& context_;
  const SectionPart& part_;
  Node root_;
};

} // namespace

void report_leftovers(const Context& context, const Document& document) {
  for (const SectionPart& part : document.parts) {
    if (part.blocks.empty()) continue;
    Sweep(context, part, part.blocks.front().parent()).run();
  }
}

} // namespace runbook::markdown
