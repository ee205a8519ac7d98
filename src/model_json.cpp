#include <runbook/parse.hpp>

#include "by_place.hpp"
#include "json_text.hpp"
#include "model_json/decode.hpp"
#include "source_text.hpp"
#include "utf8.hpp"

#include <set>

#include <fmt/format.h>

namespace runbook {

namespace {

Diagnostic text_problem(const SourceText& source, JsonRead read, const std::string& path) {
  return {Severity::error,         "invalid-json", std::move(read.problem), std::move(read.hint), path, {},
          source.span(read.offset)};
}

/// The problems as diagnostics with the lines and columns of what they speak of.
std::vector<Diagnostic> place(std::vector<model_json::Problem> problems, const SourceText& source,
                              const std::string& path) {
  std::set<std::string> pointers;
  for (const auto& problem : problems) pointers.insert(problem.pointer);
  const auto places = locate_pointers(source.text(), pointers);
  std::vector<Diagnostic> placed;
  for (auto& [pointer, diagnostic] : problems) {
    const auto found = places.find(pointer);
    if (found != places.end()) diagnostic.span = source.span(found->second);
    diagnostic.path = path;
    placed.push_back(std::move(diagnostic));
  }
  sort_by_place(placed);
  return placed;
}

} // namespace

Result<Runbook> from_json(const Value& value) {
  model_json::Problems problems;
  Runbook book = model_json::decode_runbook(value, problems);
  if (problems.all().empty()) return book;
  Error error{errc::invalid_document, "this is not the JSON form of a runbook", {}};
  for (auto& problem : problems.all()) error.diagnostics.push_back(std::move(problem.diagnostic));
  problems.limit().tell(error.diagnostics, {});
  return error;
}

Parsed parse_json_form(std::string_view text, const ParseOptions& options) {
  Parsed parsed;
  if (text.size() > max_document_bytes) {
    parsed.diagnostics.push_back({Severity::error,
                                  "limit",
                                  fmt::format("the document has more than {} MiB", max_document_bytes >> 20U),
                                  "split it",
                                  options.path,
                                  {},
                                  {}});
    return parsed;
  }
  const SourceText source(without_bom(text));
  JsonRead read = read_json(source.text());
  if (read.value) {
    model_json::Problems problems;
    parsed.runbook = model_json::decode_runbook(*read.value, problems);
    parsed.diagnostics = place(std::move(problems.all()), source, options.path);
    problems.limit().tell(parsed.diagnostics, options.path);
  } else {
    parsed.diagnostics.push_back(text_problem(source, std::move(read), options.path));
  }
  parsed.runbook.path = options.path;
  parsed.runbook.source = text;
  return parsed;
}

} // namespace runbook
