#include "markdown/expected_output.hpp"

#include "json_text.hpp"
#include "markdown/attributes.hpp"
#include "markdown/block_text.hpp"
#include "markdown/fences.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

using Kind = Expectation::Kind;

bool is_response(std::string_view text) {
  return text.starts_with("HTTP/");
}

/// JSON with a number in the place of each `{{ name }}`: valid within quotes and outside of them, and as long.
std::string without_templates(std::string_view json) {
  std::string text(json);
  for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", open)) {
    const std::size_t close = text.find("}}", open);
    if (close == std::string::npos) break;
    text.replace(open, close + 2 - open, close + 2 - open, ' ');
    text[open] = '0';
  }
  return text;
}

void check_json(const Context& context, const BlockText& block) {
  const std::string json = without_templates(block.text());
  const JsonRead read = read_json(json);
  if (read.value) return;
  const std::string_view before = std::string_view(json).substr(0, read.offset);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::size_t start = before.rfind('\n') + 1; // npos + 1 is 0
  context.findings.error("invalid-json", block.span(line, read.offset - start, read.offset - start),
                         fmt::format("expected output: {}", read.problem), read.hint);
}

/// What the block and the command before it say, if they say the same.
std::optional<Kind> stated_match(Findings& findings, const AwaitedOutput& of_block, AwaitedOutput& of_command) {
  if (of_block.match && of_command.match_span.known() && of_block.match != of_command.match) {
    findings.error(
        "attribute", of_block.match_span,
        fmt::format("the command in line {} says match={}", of_command.match_span.line, to_string(*of_command.match)),
        "say it once");
  }
  const bool command_says = std::exchange(of_command.match_span, {}).known();
  if (of_block.match) return of_block.match;
  return command_says ? of_command.match : std::nullopt;
}

} // namespace

bool is_expected_output(Node fence, const InfoString& info, FenceUse use, const AwaitedOutput& output) {
  const bool announced = output.expect.known();
  if (is_runnable(use)) return announced && use == FenceUse::http && is_response(fence.literal());
  return announced || std::ranges::any_of(info.attributes, [](const Attribute& a) { return a.name == "expect"; });
}

Expectation read_expectation(const Context& context, Node fence, const InfoString& info, const Action& action,
                             AwaitedOutput& output) {
  Expectation expectation;
  StepSettings own;
  fence.mark_accounted();
  report_flaws(context, info);
  apply_attributes(context, info.attributes, Bearer::expectation, nullptr, own);
  const BlockText block(context, fence);
  expectation.text = block.text();
  expectation.span = context.span(fence);
  output.expect = {};
  const std::optional<Kind> stated = stated_match(context.findings, own.output, output);
  if (info.language == "http" || (action.handler == "http" && is_response(expectation.text))) {
    expectation.kind = Kind::http;
    if (action.handler == "shell" || action.handler == "confirm") {
      context.findings.error("expected", expectation.span, "a response is expected of a command that sends no request",
                             "expect its output in a block without a language");
    }
    if (stated) {
      context.findings.error("attribute", context.first_line(fence), "'match' has no meaning for a response",
                             "its status and headers are compared; expect the body alone for another comparison");
    }
    return expectation;
  }
  expectation.kind = stated.value_or(info.language == "json" ? Kind::json : Kind::text);
  if (expectation.kind == Kind::json) check_json(context, block);
  return expectation;
}

void match_session(AwaitedOutput& output, Expectation& expectation) {
  if (!output.match) return;
  expectation.kind = *output.match;
  output.match_span = {};
}

void settle_output(const Context& context, AwaitedOutput& output) {
  if (output.expect.known()) {
    context.findings.error("expected", output.expect, "'expect' is said, and no block with the output follows",
                           "put a block of language output below the command, or remove the word");
  }
  if (output.match_span.known()) {
    context.findings.error("attribute", output.match_span, "'match' has no meaning without an expected output",
                           "put a block below Expected: behind the command");
  }
  output = {};
}

} // namespace runbook::markdown
