#include "markdown/fences.hpp"

#include "json_text.hpp"
#include "markdown/block_text.hpp"
#include "markdown/command_text.hpp"
#include "markdown/console.hpp"
#include "markdown/http_text.hpp"
#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::array<std::string_view, 4> shells{"sh", "bash", "shell", "zsh"};
constexpr std::array<std::string_view, 2> consoles{"console", "shell-session"};
constexpr std::array<std::string_view, 5> plains{"", "text", "txt", "plaintext", "output"};

template <std::size_t n>
bool is_in(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string variable_for(std::string_view placeholder) {
  std::string name;
  for (const char c : lower(placeholder)) {
    const bool fits = is_letter(c) || is_digit(c);
    if (fits || (!name.empty() && name.back() != '_')) name += fits ? c : '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name.empty() || is_digit(name.front()) ? "value" : name;
}

class ActionReader {
public:
  ActionReader(const Context& context, Node fence, const InfoString& info)
      : context_(context), fence_(fence), info_(info), block_(context, fence), text_(block_.text()) {}

  void read(FenceUse use, Action& action) {
    action.span = context_.span(fence_);
    if (trim(text_).empty()) {
      context_.findings.error("empty-block", action.span, "the block is empty",
                              "write what is to be run, or remove it");
    }
    check_characters(context_, fence_);
    switch (use) {
    case FenceUse::console: return session(action, Prompts::dollar_or_hash);
    case FenceUse::shell: return starts_with_prompt(text_) ? session(action, Prompts::dollar) : script(action);
    case FenceUse::http: return request(action);
    case FenceUse::confirm:
      action.handler = "confirm";
      action.params["prompt"] = trim(text_);
      return;
    default: action.handler = info_.language; action.params["text"] = text_;
    }
  }

private:
  [[nodiscard]] std::string_view shell() const {
    return info_.language == "bash" || info_.language == "zsh" ? std::string_view(info_.language) : "sh";
  }

  void shell_action(Action& action, std::string_view script) {
    action.handler = "shell";
    action.params.reserve(2);
    action.params["script"] = script;
    action.params["shell"] = shell();
  }

  void script(Action& action) {
    shell_action(action, text_);
    for (const Placeholder& p : find_placeholders(text_)) placeholder(p, p.line, p.begin, p.end);
  }

  void session(Action& action, Prompts prompts) {
    Session session = read_session(text_, prompts);
    shell_action(action, session.script);
    for (const Placeholder& p : find_placeholders(session.script)) {
      const std::size_t cut = session.cut[p.line];
      placeholder(p, session.lines[p.line], cut + p.begin, cut + p.end);
    }
    if (session.early || session.lines.empty()) {
      context_.findings.error("no-prompt", block_.span(session.early.value_or(0)),
                              "a line in front of the first command",
                              "start each command with '$ '; for a script without prompts say sh instead of console");
    }
    if (session.output) action.expect = Expectation{Expectation::Kind::text, std::move(*session.output), action.span};
  }

  void placeholder(const Placeholder& p, std::size_t line, std::size_t begin, std::size_t end) {
    const std::string name = variable_for(p.name);
    context_.findings.error(
        "placeholder", block_.span(line, begin, end),
        fmt::format("'<{}>' is a placeholder: to the shell it is two redirections", p.name),
        fmt::format("declare the input `{0}` (string, required) in a section Inputs and write \"${0}\" here", name));
  }

  void request(Action& action) {
    HttpText request = read_http_text(text_);
    action.handler = "http";
    action.params = std::move(request.params);
    for (const HttpFlaw& flaw : request.flaws) {
      context_.findings.error("http-block", block_.span(flaw.line), flaw.message, flaw.hint);
    }
  }

  const Context& context_;
  Node fence_;
  const InfoString& info_;
  BlockText block_;
  std::string_view text_;
};

void report_flaws(const Context& context, const InfoString& info) {
  for (const std::string& flaw : info.flaws) {
    context.findings.error("attribute", info.span, fmt::format("{} in the attributes", flaw),
                           "write them as {name=value word}, with quotes around values that hold blanks");
  }
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

} // namespace

FenceUse use_of(std::string_view language, const ParseOptions& options) {
  if (is_in(shells, language)) return FenceUse::shell;
  if (is_in(consoles, language)) return FenceUse::console;
  if (language == "http") return FenceUse::http;
  if (language == "confirm") return FenceUse::confirm;
  if (std::ranges::find(options.handler_languages, language) != options.handler_languages.end())
    return FenceUse::handler;
  return is_in(plains, language) ? FenceUse::plain : FenceUse::other;
}

std::vector<std::string> runnable_languages(const ParseOptions& options) {
  std::vector<std::string> all = options.handler_languages;
  all.insert(all.end(), shells.begin(), shells.end());
  all.insert(all.end(), consoles.begin(), consoles.end());
  all.insert(all.end(), {"http", "confirm"});
  return all;
}

Action read_action(const Context& context, Node fence, const InfoString& info, Bearer bearer, StepSettings& settings) {
  Action action;
  fence.mark_accounted();
  report_flaws(context, info);
  apply_attributes(context, info.attributes, bearer, &action, settings);
  ActionReader(context, fence, info).read(use_of(info.language, context.options), action);
  return action;
}

Expectation read_expectation(const Context& context, Node fence, const InfoString& info, const Action& action) {
  Expectation expectation;
  StepSettings nothing;
  fence.mark_accounted();
  report_flaws(context, info);
  apply_attributes(context, info.attributes, Bearer::expectation, nullptr, nothing);
  const BlockText block(context, fence);
  expectation.text = block.text();
  expectation.span = context.span(fence);
  const bool response = action.handler == "http" && expectation.text.starts_with("HTTP/");
  if (info.language == "json") {
    expectation.kind = Expectation::Kind::json;
    check_json(context, block);
  } else if (info.language == "http" || response) {
    expectation.kind = Expectation::Kind::http;
    if (action.handler == "shell" || action.handler == "confirm") {
      context.findings.error("expected", expectation.span, "a response is expected of a command that sends no request",
                             "expect its output in a block without a language");
    }
  }
  return expectation;
}

void explain_unrun(const Context& context, Node code, std::string_view why, Severity severity) {
  code.mark_accounted();
  const SourceSpan span = context.first_line(code);
  if (!code.is_fenced()) {
    context.findings.note("indented-code", span, "code that is only indented is shown and not run",
                          "if it is to be run, put it between ```sh and ```");
    return;
  }
  const InfoString info = read_info_string(context, code);
  for (const Attribute& a : info.attributes) {
    if (!is_format_attribute(a.name)) continue; // other tools have theirs
    context.findings.warning("attribute", a.span, fmt::format("'{}' has no effect on a block that is not run", a.name));
  }
  const FenceUse use = use_of(info.language, context.options);
  if (use == FenceUse::plain) {
    context.findings.warning(
        "no-language", span, fmt::format("a block without a language that runs is shown and not run{}", why),
        "if it is a command, say so: ```sh; if it is what a command prints, put Expected: above it");
    return;
  }
  std::string hint;
  if (!context.findings.full()) hint = did_you_mean(info.language, runnable_languages(context.options));
  context.findings.add(severity, "unknown-language", span,
                       fmt::format("a block of language '{}' is shown and not run{}", info.language, why),
                       hint.empty() ? "nothing has to be done if it is only to be read" : hint);
}

} // namespace runbook::markdown
