// What a store keeps of the documents of a run.
#include "plan/stored_document.hpp"

#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>

#include <fmt/format.h>

namespace runbook {

namespace {

void gather(const Runbook& runbook, Values& others) {
  for (const Runbook& other : runbook.runbooks) {
    others[other.path] = other.source.empty() ? Value{{"json", to_json(other)}} : Value{{"text", other.source}};
    gather(other, others);
  }
}

void gather_paths(const Runbook& runbook, std::vector<std::string>& paths) {
  for (const Runbook& other : runbook.runbooks) {
    if (std::ranges::find(paths, other.path) == paths.end()) paths.push_back(other.path);
    gather_paths(other, paths);
  }
}

Error damaged(std::string_view what) {
  return {errc::store_error, fmt::format("the stored document is damaged: {}", what), {}};
}

Result<Runbook> sound(Parsed parsed) {
  if (parsed.ok()) return std::move(parsed.runbook);
  return Error{errc::invalid_document, "the stored document has an error", std::move(parsed.diagnostics)};
}

/// The documents as `stored_document` has put them together.
class StoredDocuments {
public:
  StoredDocuments(const RunHeader& header, Value all, const std::vector<std::string>& languages)
      : header_(header), all_(std::move(all)), languages_(languages) {}

  Result<Runbook> read() const {
    const Value* text = member(all_, "document");
    if (text == nullptr || !text->is_string()) return damaged("it has no document");
    auto runbook = read_document(std::string(text->get_string()), header_, languages_);
    if (!runbook) return runbook;
    const auto loaded = load_runbooks(*runbook, [this](const std::string& path) { return read(path); });
    if (!loaded) return loaded.error();
    return runbook;
  }

  static Result<Runbook> read_document(const std::string& text, const RunHeader& header,
                                       const std::vector<std::string>& languages) {
    const ParseOptions how{header.path, languages};
    if (!header.built_in_code) return sound(parse(text, how));
    auto runbook = sound(parse_json_form(text, how));
    if (runbook) runbook->source.clear(); // it never had one
    return runbook;
  }

private:
  static const Value* member(const Value& value, std::string_view name) {
    return value.is_object() ? value.get_object().if_contains(name) : nullptr;
  }

  Result<Parsed> read(const std::string& path) const {
    const Value* others = member(all_, "runbooks");
    const Value* other = others == nullptr ? nullptr : member(*others, path);
    if (other == nullptr) return damaged(fmt::format("it has no '{}'", path));
    if (const Value* text = member(*other, "text"); text != nullptr && text->is_string()) {
      return parse(std::string_view(text->get_string()), {path, languages_});
    }
    const Value* json = member(*other, "json");
    if (json == nullptr) return damaged(fmt::format("'{}' has neither text nor JSON", path));
    auto runbook = from_json(*json);
    if (!runbook) return runbook.error();
    return Parsed{std::move(*runbook), {}};
  }

  const RunHeader& header_;
  Value all_;
  const std::vector<std::string>& languages_;
};

} // namespace

std::string Plan::stored_document() const {
  if (runbook().runbooks.empty()) return document();
  Values others;
  gather(runbook(), others);
  return canonical_json(Value{{"document", document()}, {"runbooks", std::move(others)}});
}

std::vector<std::string> paths_of_runbooks(const Runbook& runbook) {
  std::vector<std::string> paths;
  gather_paths(runbook, paths);
  return paths;
}

Result<Runbook> read_stored_document(const RunHeader& header, const std::string& stored,
                                     const std::vector<std::string>& languages) {
  if (header.runbooks.empty()) return StoredDocuments::read_document(stored, header, languages);
  boost::system::error_code error;
  Value all = boost::json::parse(stored, error);
  if (error) return damaged(error.message());
  return StoredDocuments(header, std::move(all), languages).read();
}

} // namespace runbook
