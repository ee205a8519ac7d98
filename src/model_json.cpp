#include <runbook/parse.hpp>

#include "by_place.hpp"
#include "json_text.hpp"
#include "model_json/decode.hpp"
#include "printable.hpp"
#include "source_text.hpp"
#include "utf8.hpp"
#include "yaml/read.hpp"

#include <fmt/format.h>

namespace runbook {

namespace {

Parsed unread(std::string_view text, const ParseOptions& options, Diagnostic why) {
  Parsed parsed;
  parsed.runbook.path = options.path;
  parsed.runbook.source = text.substr(0, max_document_bytes);
  why.path = options.path;
  why.message = printable(why.message);
  why.hint = printable(why.hint);
  parsed.diagnostics.push_back(std::move(why));
  return parsed;
}

Parsed too_large(std::string_view text, const ParseOptions& options) {
  Diagnostic why;
  why.code = "limit";
  why.message = fmt::format("the document has more than {} MiB", max_document_bytes >> 20U);
  why.hint = "split it";
  return unread(text, options, std::move(why));
}

Parsed decoded(const Value& value, const SourceText& source, const ValuePlaces& places, std::string_view text,
               const ParseOptions& options) {
  const model_json::Origin origin{source, places};
  model_json::Problems problems;
  Parsed parsed;
  parsed.runbook = model_json::decode_runbook(value, problems, &origin);
  parsed.runbook.path = options.path;
  parsed.runbook.source = text;
  parsed.diagnostics = std::move(problems.all());
  for (Diagnostic& diagnostic : parsed.diagnostics) diagnostic.path = options.path;
  sort_by_place(parsed.diagnostics);
  problems.limit().tell(parsed.diagnostics, options.path);
  return parsed;
}

Diagnostic yaml_finding(yaml::Problem problem, const SourceText& source) {
  Diagnostic finding;
  finding.code = "invalid-yaml";
  finding.message = std::move(problem.what);
  finding.hint = std::move(problem.hint);
  finding.span = source.span(problem.begin, problem.end);
  return finding;
}

} // namespace

Result<Runbook> from_json(const Value& value) {
  model_json::Problems problems;
  Runbook book = model_json::decode_runbook(value, problems);
  if (problems.all().empty()) return book;
  Error error{errc::invalid_document, "this is not the JSON form of a runbook", std::move(problems.all())};
  problems.limit().tell(error.diagnostics, {});
  return error;
}

Parsed parse_json_form(std::string_view text, const ParseOptions& options) {
  if (text.size() > max_document_bytes) return too_large(text, options);
  const SourceText source(without_bom(text));
  JsonRead read = read_json(source.text());
  if (read.value) return decoded(*read.value, source, places_in_json(source.text()), text, options);
  Diagnostic why;
  why.code = "invalid-json";
  why.message = std::move(read.problem);
  why.hint = std::move(read.hint);
  why.span = source.span(read.offset);
  return unread(text, options, std::move(why));
}

Parsed parse_yaml_form(std::string_view text, const ParseOptions& options) {
  if (text.size() > max_document_bytes) return too_large(text, options);
  const SourceText source(without_bom(text));
  yaml::Read read = yaml::read(source.text());
  if (!read.value) return unread(text, options, yaml_finding(std::move(read.problem), source));
  Parsed parsed = decoded(*read.value, source, read.places, text, options);
  if (!parsed.ok()) return parsed; // a number in the place of text is an error already
  for (yaml::Problem& doubtful : read.doubtful) {
    Diagnostic finding = yaml_finding(std::move(doubtful), source);
    finding.severity = Severity::warning;
    finding.code = "number";
    finding.path = options.path;
    parsed.diagnostics.push_back(std::move(finding));
  }
  return parsed;
}

} // namespace runbook
