// `fmt`: documents in canonical layout.
#include "commands.hpp"
#include "document.hpp"
#include "output.hpp"
#include "read_text.hpp"

#include <runbook/format.hpp>
#include <runbook/handlers.hpp>
#include <runbook/system.hpp>

#include <algorithm>

namespace runbook::cli {

namespace {

bool is_json(const std::string& path) {
  std::string end = path.substr(path.size() - std::min<std::size_t>(path.size(), 5));
  std::ranges::transform(end, end.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return end == ".json";
}

std::string shown_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

/// Lays out one file.
ExitCode lay_out(const std::string& path, bool check) {
  const std::string name = shown_name(path);
  const auto fail = [&](const Error& error) {
    print_failure(name, error);
    return ExitCode::refused;
  };
  const Result<std::string> text = read_text(path, max_document_bytes + 1);
  if (!text) return fail(text.error());
  const ParseOptions options{name, builtin_handlers().languages()};
  const Result<std::string> out = is_json(path) ? format_json_form(*text, options) : format_markdown(*text, options);
  if (!out) return fail(out.error());
  if (path == "-" && !check) return print(*out) ? ExitCode::succeeded : ExitCode::output_lost;
  if (*out == *text) return ExitCode::succeeded;
  if (!check) {
    if (const auto replaced = system_files()->replace({.path = path, .text = *out}); !replaced) {
      print_failure(name, replaced.error());
      return ExitCode::output_lost;
    }
  }
  if (!print(name + "\n")) return ExitCode::output_lost;
  return check ? ExitCode::refused : ExitCode::succeeded;
}

} // namespace

ExitCode format(const FormatOptions& options) {
  ExitCode worst = ExitCode::succeeded;
  for (const std::string& file : options.files) worst = std::max(worst, lay_out(file, options.check));
  return worst;
}

} // namespace runbook::cli
