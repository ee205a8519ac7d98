#include "markdown/front_matter.hpp"

#include "markdown/text.hpp"
#include "yaml/read.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// Byte offsets of what stands between the two lines, and of the end of the second one.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t after = 0;
};

std::optional<Extent> find_between(std::string_view text, std::string_view mark, std::string_view other_end) {
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos || trim_right(text.substr(0, first)) != mark) return std::nullopt;
  for (std::size_t at = first + 1; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trim_right(text.substr(at, end - at));
    if (at == first + 1 && line.empty()) return std::nullopt; // a rule between two paragraphs
    if (line == mark || line == other_end) return Extent{first + 1, at, end};
    at = end + 1;
  }
  return std::nullopt;
}

FrontMatter blanked_out(std::string_view& text, std::string& changed, std::size_t end,
                        std::vector<FrontMember> members) {
  if (text.data() != changed.data()) changed = text;
  const auto stop = changed.begin() + static_cast<std::ptrdiff_t>(end);
  std::replace_if(changed.begin(), stop, [](char c) { return c != '\n'; }, ' ');
  text = changed;
  return {std::move(members), std::min(end + 1, text.size())};
}

class FrontReader {
public:
  FrontReader(const SourceText& source, std::size_t begin, const yaml::Read& read)
      : source_(source), begin_(begin), read_(read) {}

  std::vector<FrontMember> members() const {
    std::vector<FrontMember> members;
    std::size_t place = 1;
    for (const auto& member : read_.value->get_object()) {
      const ValuePlace& at = read_.places[place];
      members.push_back(
          {std::string(member.key()), member.value(), span(at.key, at.end), elements(member.value(), place)});
      place = at.next;
    }
    return members;
  }

private:
  [[nodiscard]] std::vector<SourceSpan> elements(const Value& value, std::size_t place) const {
    std::vector<SourceSpan> spans;
    if (!value.is_array()) return spans;
    ++place;
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      spans.push_back(span(read_.places[place].begin, read_.places[place].end));
      place = read_.places[place].next;
    }
    return spans;
  }

  [[nodiscard]] SourceSpan span(std::size_t begin, std::size_t end) const {
    return source_.span(begin_ + begin, begin_ + end);
  }

  const SourceText& source_;
  std::size_t begin_;
  const yaml::Read& read_;
};

} // namespace

FrontMatter take_front_matter(std::string_view& text, std::string& changed, Findings& findings) {
  if (const auto toml = find_between(text, "+++", "+++")) {
    findings.error("front-matter", SourceText(text).span(0, 3), "front matter in TOML (+++) is not read",
                   "write it as YAML between two lines ---");
    return blanked_out(text, changed, toml->after, {});
  }
  const auto found = find_between(text, "---", "...");
  if (!found) return {};
  std::vector<FrontMember> members;
  {
    const std::string_view inside = text.substr(found->begin, found->end - found->begin);
    const SourceText source(text.substr(0, found->after));
    const yaml::Read read = yaml::read(inside);
    if (!read.value) {
      findings.error("front-matter", source.span(found->begin + read.problem.begin, found->begin + read.problem.end),
                     read.problem.what, read.problem.hint);
    } else if (read.value->is_object()) {
      for (const yaml::Problem& doubtful : read.doubtful) {
        findings.note("number", source.span(found->begin + doubtful.begin, found->begin + doubtful.end), doubtful.what,
                      doubtful.hint);
      }
      members = FrontReader(source, found->begin, read).members();
    } else if (!trim(inside).empty()) {
      return {}; // prose between two rules: it stays Markdown
    }
  }
  return blanked_out(text, changed, found->after, std::move(members));
}

} // namespace runbook::markdown
