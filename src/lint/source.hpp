// A Markdown document once more as a tree, for what the model does not keep: links, comments, written numbers, the
// places of lines within blocks.
//
// Ownership: refers to the document's text and the options. Thread-safety: belongs to one thread.
#pragma once

#include "lint/original_text.hpp"
#include "markdown/context.hpp"
#include "markdown/sections.hpp"
#include "markdown/tree.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace runbook::linting {

class Source {
public:
  /// None if the text is over a limit or cannot be read as Markdown at all.
  [[nodiscard]] static std::unique_ptr<Source> read(std::string_view text, const ParseOptions& options);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  [[nodiscard]] const OriginalText& original() const noexcept { return original_; }
  [[nodiscard]] const SourceText& text() const noexcept { return *text_; }
  [[nodiscard]] markdown::Node root() const noexcept { return tree_->root(); }
  [[nodiscard]] const markdown::Document& document() const noexcept { return document_; }
  /// What the parts of the Markdown reader work with. What they find goes nowhere: reading has reported it.
  [[nodiscard]] const markdown::Context& context() const noexcept { return *context_; }
  /// The fenced block that starts in this line.
  [[nodiscard]] markdown::Node fence_at(std::uint32_t line) const;
  /// Lines that are front matter: the first one that is not.
  [[nodiscard]] std::uint32_t first_line() const noexcept { return first_line_; }

private:
  Source(std::string_view text, const ParseOptions& options) : given_(text), original_(text), options_(options) {}
  bool parse();

  std::string_view given_;
  OriginalText original_;
  const ParseOptions& options_;
  std::string normalised_;
  std::uint32_t first_line_ = 1;
  std::optional<SourceText> text_;
  std::optional<markdown::Tree> tree_;
  markdown::Document document_;
  markdown::Findings unheard_{{}};
  std::optional<markdown::Context> context_;
  std::unordered_map<std::uint32_t, markdown::Node> fences_;
};

/// The node after this one in reading order within `root`, without what is inside of paragraphs and headings.
[[nodiscard]] markdown::Node next_block(markdown::Node node, markdown::Node root);

} // namespace runbook::linting
