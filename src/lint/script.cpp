#include "lint/script.hpp"

#include "markdown/console.hpp"
#include "markdown/info_string.hpp"
#include "plan/items.hpp"

#include <algorithm>

namespace runbook::linting {

namespace {

void find_lines(Script& script) {
  script.starts.push_back(0);
  for (std::size_t at = script.text.find('\n'); at != std::string_view::npos; at = script.text.find('\n', at + 1)) {
    script.starts.push_back(at + 1);
  }
}

/// The block that the script was read from. A session's commands are only a part of its block.
void find_block(Script& script, const Source& source) {
  const markdown::Node fence = source.fence_at(script.action->span.line);
  if (!fence) return;
  script.block.emplace(source.context(), fence);
  if (script.block->text() == script.text) return;
  for (const auto prompts : {markdown::Prompts::certain, markdown::Prompts::all}) {
    markdown::Session session = markdown::read_session(script.block->text(), prompts);
    if (session.script != script.text) continue;
    script.block_lines = std::move(session.lines);
    script.prompts = std::move(session.cut);
    return;
  }
  script.block.reset();
}

} // namespace

SourceSpan Script::span(std::size_t begin, std::size_t end) const {
  if (!block) return action->span.known() ? action->span : place.step->span;
  const auto next = std::ranges::upper_bound(starts, begin);
  const auto line = static_cast<std::size_t>(next - starts.begin()) - 1;
  const std::size_t limit = next == starts.end() ? text.size() : *next - 1;
  const std::size_t from = begin - starts[line];
  const std::size_t to = std::clamp(end, begin, std::max(begin, limit)) - starts[line];
  if (block_lines.empty()) return block->span(line, from, to);
  return block->span(block_lines[line], prompts[line] + from, prompts[line] + to);
}

std::vector<Script> read_scripts(const std::vector<PlacedStep>& steps, const Source* source) {
  std::vector<Script> scripts;
  for (const PlacedStep& place : steps) {
    for_each_action(*place.step, [&](ActionKind kind, const Action& action) {
      const Value* text = action.params.if_contains("script");
      if (action.handler != "shell" || text == nullptr || !text->is_string()) return;
      Script& script = scripts.emplace_back();
      script.place = place;
      script.action = &action;
      script.kind = kind;
      script.text = std::string_view(text->get_string());
      find_lines(script);
      if (source != nullptr) find_block(script, *source);
      script.shell = lex_shell(script.text);
    });
  }
  return scripts;
}

} // namespace runbook::linting
