#include "markdown/fences.hpp"

#include "block_languages.hpp"
#include "json_text.hpp"
#include "markdown/block_text.hpp"
#include "markdown/command_text.hpp"
#include "markdown/console.hpp"
#include "markdown/http_text.hpp"
#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

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
  ActionReader(const Context& context, Node fence, const InfoString& info, StepSettings& settings)
      : context_(context), fence_(fence), info_(info), output_(settings.output), block_(context, fence),
        text_(block_.text()) {}

  void read(FenceUse use, Action& action) {
    const Values said = std::exchange(action.params, {}); // by attributes
    action.span = context_.span(fence_);
    if (trim(text_).empty()) {
      context_.findings.error("empty-block", action.span, "the block is empty",
                              "write what is to be run, or remove it");
    }
    check_characters(context_, fence_);
    read_text(use, action);
    for (const auto& [name, value] : said) {
      if (!takes(use, name)) {
        only_for_others(name);
        continue;
      }
      if (name == "shell" && use != FenceUse::handler) check_shell(to_text(value));
      action.params[name] = value;
    }
  }

private:
  static bool takes(FenceUse use, std::string_view attribute) {
    if (use == FenceUse::handler) return true;
    if (is_question_attribute(attribute)) return use == FenceUse::confirm;
    return (use == FenceUse::shell || use == FenceUse::console) && !is_block_attribute(attribute);
  }

  void read_text(FenceUse use, Action& action) {
    switch (use) {
    case FenceUse::console: return session(action, info_.language.empty() ? Prompts::certain : Prompts::all);
    case FenceUse::shell: return starts_with_prompt(text_) ? session(action, Prompts::certain) : script(action);
    case FenceUse::http: return request(action);
    case FenceUse::confirm:
      action.handler = "confirm";
      action.params["prompt"] = trim(text_);
      return;
    default:
      if (action.handler.empty())
        action.handler = claimed_language(info_.language, context_.options).value_or(info_.language);
      handed_over(action);
    }
  }

  void handed_over(Action& action) {
    const BlockLanguage* own = find_block_language(action.handler);
    if (own == nullptr) {
      action.params["text"] = text_;
    } else {
      action.params[own->param] = own->lines ? std::string(text_) + '\n' : std::string(trim(text_));
    }
  }

  [[nodiscard]] SourceSpan place_of(std::string_view attribute) const {
    const auto found = std::ranges::find(info_.attributes, attribute, &Attribute::name);
    return found == info_.attributes.end() ? info_.span : found->span;
  }

  void only_for_others(std::string_view name) {
    std::string_view hint = "only scripts have it";
    if (is_block_attribute(name)) hint = "only blocks for a handler have it";
    if (is_question_attribute(name)) hint = "only questions have it: confirm";
    context_.findings.error("attribute", place_of(name),
                            fmt::format("'{}' has no meaning for '{}'", name, info_.language), hint);
  }

  void check_shell(std::string_view name) {
    if ((info_.language != "bash" && info_.language != "zsh") || info_.language == name) return;
    context_.findings.error("attribute", place_of("shell"),
                            fmt::format("the language says {}, and the attribute {}", info_.language, name),
                            "say one of the two");
  }

  void shell_action(Action& action, std::string_view script) {
    action.handler = "shell";
    action.params.reserve(2);
    action.params["script"] = script;
    action.params["shell"] = shell_of(info_.language);
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
    if (session.early || session.lines.empty()) no_prompt(session.early.value_or(0));
    if (session.unclear) {
      context_.findings.warning("unclear-prompt", block_.span(*session.unclear),
                                "'# ' is taken for the prompt of root, and the line is run",
                                "if it is a comment, write '$ # …'");
    }
    if (session.comment) {
      context_.findings.note("unclear-prompt", block_.span(*session.comment),
                             "'# ' is taken for the start of a comment, because '$ ' follows",
                             "if it is a command, give it a block of its own");
    }
    if (!session.output) return;
    action.expect = Expectation{Expectation::Kind::text, std::move(*session.output), action.span};
    if (!output_.match) return;
    match_session(output_, *action.expect);
    if (action.expect->kind == Expectation::Kind::text) return;
    action.expect->text = std::move(session.shown);
    if (session.showing > 1) {
      context_.findings.error("attribute", place_of("match"),
                              "several commands show output, and only all of it together could be compared this way",
                              "give each command a block of its own");
    }
  }

  void no_prompt(std::size_t line) {
    std::string_view rest = text_;
    std::string_view text;
    for (std::size_t i = 0; i <= line && next_line(rest, text);) ++i;
    if (is_windows_prompt(text)) {
      context_.findings.error("no-prompt", block_.span(line), "a command of a Windows shell, which is not run",
                              "only a handler can run it: {handler=NAME}");
    } else {
      context_.findings.error("no-prompt", block_.span(line), "a line in front of the first command",
                              "start each command with '$ '; for a script without prompts say sh instead of console");
    }
  }

  void placeholder(const Placeholder& p, std::size_t line, std::size_t begin, std::size_t end) {
    const std::string name = variable_for(p.name);
    if (p.quoted) {
      context_.findings.warning(
          "placeholder", block_.span(line, begin, end),
          fmt::format("'<{}>' looks like a placeholder, and is taken as it stands", p.name),
          fmt::format("declare the input `{0}` (string, required) in a section Inputs and write \"${0}\" here", name));
      return;
    }
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
  AwaitedOutput& output_;
  BlockText block_;
  std::string_view text_;
};

/// What the attributes of a JSON object are called here, as far as there are any.
std::string as_attributes(std::string_view json) {
  const JsonRead read = read_json(json);
  std::string text;
  if (read.value && read.value->is_object()) {
    for (const auto& [key, value] : read.value->get_object()) {
      const std::string_view name = key == "name" ? std::string_view("id") : std::string_view(key);
      if (!is_format_attribute(name)) continue;
      const std::string shown = to_text(value);
      const bool quotes = shown.empty() || shown.find_first_of(" \t,{}") != std::string::npos;
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, quotes ? '"' + shown + '"' : shown);
    }
  }
  return text.empty() ? "them as {name=value word}" : '{' + text + '}';
}

} // namespace

void report_flaws(const Context& context, const InfoString& info) {
  for (const std::string& flaw : info.flaws) {
    context.findings.error("attribute", info.span, fmt::format("{} in the attributes", flaw),
                           "write them as {name=value word}, with quotes around values that hold blanks");
  }
  if (info.json.empty()) return;
  context.findings.error("attribute", info.span, "attributes that are a JSON object are not read",
                         fmt::format("write {}", as_attributes(info.json)));
}

Action read_action(const Context& context, Node fence, const InfoString& info, Bearer bearer, StepSettings& settings) {
  Action action;
  fence.mark_accounted();
  settle_output(context, settings.output);
  report_flaws(context, info);
  apply_attributes(context, info.attributes, bearer, &action, settings);
  ActionReader(context, fence, info, settings).read(use_of(info, context.options), action);
  return action;
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
  if (use_of(info, context.options) == FenceUse::plain) {
    context.findings.warning(
        "no-language", span, fmt::format("a block without a language that runs is shown and not run{}", why),
        "if it is a command, say so: ```sh; if it is what a command prints, put Expected: above it");
    return;
  }
  if (context.findings.full()) return context.findings.add(severity, "unknown-language", span, {}); // only counted
  context.findings.add(severity, "unknown-language", span,
                       fmt::format("a block of language '{}' is shown and not run{}", info.language, why),
                       hint_for_language(info.language, context.options));
}

} // namespace runbook::markdown
