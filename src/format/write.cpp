// to_markdown: the document is written, read again and compared, so that nothing is lost without a word.
#include <runbook/format.hpp>

#include "format/executing_form.hpp"
#include "format/inexpressible.hpp"
#include "format/inline_text.hpp"
#include "format/step_item.hpp"
#include "markdown/text.hpp"

#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace runbook {

namespace {

using format::Inexpressible;

constexpr std::size_t most_differences = 20;

class Writer {
public:
  Writer(const Runbook& book, bool all_ids) : book_(book), ids_(book, all_ids) {}

  std::string write() {
    front_matter();
    title();
    metadata();
    inputs();
    steps("Prerequisites", book_.prerequisites, format::ListOf::prerequisites, "/prerequisites");
    steps("Steps", book_.steps, format::ListOf::steps, "/steps");
    steps("Rollback Procedure", book_.rollback, format::ListOf::rollback, "/rollback");
    steps("Verification", book_.verification, format::ListOf::verification, "/verification");
    steps("State", book_.state, format::ListOf::state, "/state");
    related();
    return std::move(out_);
  }

  [[nodiscard]] Inexpressible& problems() noexcept { return problems_; }

private:
  void line(std::string_view text) { out_.append(text) += '\n'; }

  void section(std::string_view name) { line(fmt::format("\n## {}\n", name)); }

  /// Whether the value can stand in a line `**Key**: value`.
  static bool is_line(const Value& value) {
    return value.is_string() && std::string_view(value.get_string()).find('\n') == std::string_view::npos;
  }

  /// What no such line can hold, as YAML in the style of JSON.
  void front_matter() {
    std::string members;
    const auto add = [&](std::string_view name, const Value& value) {
      if (!is_line(value)) members += fmt::format("{}: {}\n", canonical_json(Value(name)), canonical_json(value));
    };
    if (!book_.purpose.empty()) add("purpose", Value(book_.purpose));
    for (const auto& [name, value] : book_.metadata) add(name, value);
    if (!members.empty()) out_ += fmt::format("---\n{}---\n\n", members);
  }

  void title() {
    const bool again = markdown::lower(std::string_view(book_.title).substr(0, 6)) == "title:";
    line(book_.title.empty() ? "#" : fmt::format("# {}{}", again ? "Title: " : "", format::escaped(book_.title)));
  }

  void key(std::string_view name, std::string_view value) {
    if (!has_keys_) line("");
    has_keys_ = true;
    line(fmt::format("**{}**:{}{}", name, value.empty() ? "" : " ", value));
  }

  void metadata() {
    if (!book_.purpose.empty() && is_line(Value(book_.purpose))) key("Purpose", book_.purpose);
    if (!book_.frequency.text.empty()) key("Frequency", book_.frequency.text);
    if (book_.risk_level != RiskLevel::unspecified) {
      std::string level(to_string(book_.risk_level));
      level.front() = static_cast<char>(level.front() - 'a' + 'A');
      key("Risk Level", level);
    }
    std::string access;
    for (const Access& each : book_.required_access) access += (access.empty() ? "" : "; ") + to_string(each);
    if (!access.empty()) key("Required Access", access);
    for (const auto& [name, value] : book_.metadata) {
      if (is_line(value)) key(name, to_text(value));
    }
  }

  void inputs() {
    if (!book_.inputs.empty()) section("Inputs");
    for (const Input& input : book_.inputs) line(input_item(input));
  }

  static std::string input_item(const Input& input) {
    std::string out = fmt::format("- {} ({}", format::code_span(input.name), to_string(input.type));
    if (input.required) out += ", required";
    if (input.from != SecretOrigin{}) out += ", from " + format::code_span(to_string(input.from));
    if (input.default_value) {
      const std::string text = to_text(*input.default_value);
      out += text.empty() ? ", default" : ", default " + format::code_span(text);
    }
    if (!input.required && !input.default_value) out += ", optional";
    out += ')';
    if (input.description.empty() && input.pattern.empty()) return out;
    out += ':';
    if (!input.description.empty()) out += " " + format::escaped_around_code(input.description);
    if (!input.pattern.empty()) out += " Pattern: " + format::code_span(input.pattern);
    return out;
  }

  void steps(std::string_view name, const std::vector<Step>& all, format::ListOf kind, const std::string& pointer) {
    if (all.empty()) return;
    section(name);
    for (const std::string& each : format::step_list(all, kind, ids_, pointer, problems_)) line(each);
  }

  void related() {
    if (!book_.related.empty()) section("Related Runbooks");
    for (const Link& link : book_.related) line("- " + format::link(link.text, link.target));
  }

  const Runbook& book_;
  format::StatedIds ids_;
  Inexpressible problems_;
  std::string out_;
  bool has_keys_ = false;
};

Error inexpressible(std::vector<Diagnostic> diagnostics) {
  return {errc::invalid_document, "the runbook says something that no document in Markdown can say",
          std::move(diagnostics)};
}

/// What a reader of the document would not find in it, or find otherwise.
std::vector<Diagnostic> losses(const Runbook& book, const std::string& text) {
  Inexpressible lost;
  const Parsed read = parse_markdown(text);
  for (const std::string& pointer :
       format::differences(format::executing_form(book), format::executing_form(read.runbook), most_differences)) {
    lost.add(pointer, "Markdown would be read otherwise");
  }
  std::vector<Diagnostic> all = lost.take();
  for (const Diagnostic& d : read.diagnostics) {
    if (d.severity != Severity::error || all.size() >= most_differences) continue;
    all.push_back(d);
    all.back().span = {}; // it is a place in a document that nobody sees
  }
  return all;
}

} // namespace

Result<std::string> to_markdown(const Runbook& runbook) {
  std::vector<Diagnostic> lost;
  for (const bool all_ids : {false, true}) { // a title may give another id than it seems
    Writer writer(runbook, all_ids);
    std::string text = writer.write();
    if (!writer.problems().empty()) return inexpressible(writer.problems().take());
    Result<std::string> laid_out = format_markdown(text);
    if (laid_out.has_error() && laid_out.error().code != errc::unexpected) return laid_out;
    if (laid_out.has_error()) laid_out = std::move(text); // right, if not pretty
    lost = losses(runbook, *laid_out);
    if (lost.empty()) return laid_out;
  }
  return inexpressible(std::move(lost));
}

} // namespace runbook
