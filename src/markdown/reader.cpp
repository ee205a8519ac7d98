#include <runbook/parse.hpp>

#include "markdown/clean_text.hpp"
#include "markdown/context.hpp"
#include "markdown/front.hpp"
#include "markdown/ids.hpp"
#include "markdown/leftovers.hpp"
#include "markdown/sections.hpp"
#include "markdown/step_tree.hpp"
#include "markdown/text.hpp"
#include "markdown/tree.hpp"
#include "markdown/undo_items.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace markdown {
namespace {

/// Reads the sections and puts the runbook together.
class Reader {
public:
  Reader(const Context& context, const Document& document, Metadata& metadata, Runbook& book)
      : context_(context), document_(document), metadata_(metadata), book_(book) {}

  void run() {
    read_title(context_, document_, book_);
    read_metadata(context_, document_.front, metadata_);
    for (const SectionPart& part : document_.parts) {
      if (part.kind == SectionKind::access) read_access(context_, part, metadata_);
      if (part.kind == SectionKind::inputs) read_inputs(context_, part, book_);
      if (part.kind == SectionKind::related) read_related(context_, part, book_);
      if (has_items(part.kind)) read_items_of(part);
    }
    ids_.assign(context_, drafts_);
    distribute();
    report_leftovers(context_, document_);
  }

private:
  void read_items_of(const SectionPart& part) {
    std::vector<Item> items = read_items(context_, part, document_.steps_from_prose);
    const bool prose = document_.steps_from_prose && part.kind == SectionKind::steps;
    if (items.empty() && !prose) {
      context_.findings.warning("empty-section", context_.span(part.heading),
                                fmt::format("the section '{}' has no items: nothing in it is done", part.name),
                                "items are the points of a list, or headings with a number or a block");
    }
    if (!items.empty() && prose) {
      context_.findings.warning(
          "no-steps-section", document_place(),
          document_.names_steps
              ? "the section with the steps has no items: what holds blocks that run is taken for them"
              : "the document has no section with steps: what holds blocks that run is taken for them",
          "put the steps as a numbered list, or as headings, below a heading: ## Steps");
    }
    if (full_) return;
    full_ = !read_drafts(context_, std::move(items), drafts_);
  }

  [[nodiscard]] std::size_t count(SectionKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(drafts_, kind, &Draft::section));
  }

  void distribute() {
    std::vector<Draft> steps = take(SectionKind::steps);
    std::vector<Draft> rollback = take(SectionKind::rollback);
    attach_undo_items(context_, ids_, steps, rollback);
    if (steps.empty()) no_steps();
    book_.steps = tree_of(std::move(steps));
    book_.rollback = tree_of(std::move(rollback));
    book_.prerequisites = tree_of(take(SectionKind::prerequisites));
    book_.verification = tree_of(take(SectionKind::verification));
    book_.state = tree_of(take(SectionKind::state));
    std::erase_if(book_.state, [](const Step& step) { return step.actions.empty() && step.steps.empty(); });
  }

  std::vector<Draft> take(SectionKind kind) {
    std::vector<Draft> taken;
    taken.reserve(count(kind));
    for (Draft& draft : drafts_) {
      if (draft.section == kind) taken.push_back(std::move(draft));
    }
    return taken;
  }

  [[nodiscard]] SourceSpan document_place() const {
    return document_.title ? context_.span(document_.title) : context_.source.span(0);
  }

  void no_steps() {
    const bool section =
        std::ranges::any_of(document_.parts, [](const SectionPart& p) { return p.kind == SectionKind::steps; });
    context_.findings.error("no-steps", document_place(),
                            section ? "the section with the steps has none" : "the document has no section with steps",
                            section ? "number the steps: 1. First step"
                                    : "put the steps as a numbered list, or as headings, below a heading: ## Steps");
  }

  const Context& context_;
  const Document& document_;
  Metadata& metadata_;
  Runbook& book_;
  Ids ids_;
  std::vector<Draft> drafts_;
  bool full_ = false; ///< no further step is read
};

} // namespace
} // namespace markdown

Parsed parse_markdown(std::string_view text, const ParseOptions& options) {
  using namespace markdown;
  Parsed parsed;
  Findings findings(options.path);
  parsed.runbook.path = options.path;
  parsed.runbook.source = text.substr(0, max_document_bytes);
  std::string changed;
  std::string_view clean = normalised(text.substr(0, max_document_bytes), changed);
  SourceText source(clean);
  if (is_readable(text, source, findings)) {
    const std::vector<FrontMember> front = take_front_matter(clean, changed, findings).members;
    if (!front.empty()) source = SourceText(clean); // no line has moved, but columns count characters
    const TreeResult result = parse_tree(clean);
    if (result.tree) {
      const Context context{source, options, findings};
      Metadata metadata(context, parsed.runbook);
      metadata.front_matter(front);
      const Document document = split_sections(context, result.tree->root(), !parsed.runbook.title.empty());
      Reader(context, document, metadata, parsed.runbook).run();
    } else {
      findings.error("limit", source.in_line(result.line, 0, 0), result.limit);
    }
  }
  parsed.diagnostics = findings.take();
  return parsed;
}

} // namespace runbook
