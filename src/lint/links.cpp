#include "lint/anchors.hpp"
#include "lint/rules.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

namespace {

const ParseOptions no_options{};

constexpr std::size_t most_hints = 100;  // each is a search among all anchors
constexpr std::size_t most_files = 1000; // that are looked at for one document, which could name millions

/// `https://…`, `mailto:…`, `//host`, a place below the root of a site: nothing that could be looked for here.
bool leads_elsewhere(std::string_view target) {
  if (target.starts_with('/') || target.find("{{") != std::string_view::npos ||
      target.find("{%") != std::string_view::npos) {
    return true;
  }
  const std::size_t colon = target.find(':');
  return colon != std::string_view::npos && target.find_first_of("/?#") > colon;
}

bool is_markdown(std::string_view path) {
  const std::string name = markdown::lower(path);
  return name.ends_with(".md") || name.ends_with(".markdown");
}

class Links {
public:
  Links(const Subject& subject, Findings& findings)
      : subject_(subject), findings_(findings), source_(*subject.source), own_(source_.root()) {
    const std::size_t slash = subject.options.path.rfind('/');
    if (slash != std::string::npos) folder_ = subject.options.path.substr(0, slash + 1);
  }

  void check() {
    Node block;
    for (Node node = source_.root(); node; node = node.next_in(source_.root())) {
      if (node.is(NodeType::paragraph) || node.is(NodeType::heading)) {
        block = node;
        next_ = source_.text().offset_of(block.line());
      }
      if (node.is(NodeType::link) && block) link(block, node.url());
    }
  }

private:
  void link(Node block, std::string_view url) {
    find(block, url);
    if (url.empty() || leads_elsewhere(url)) return;
    const std::size_t hash = url.find('#');
    const std::string_view path = url.substr(0, std::min(hash, url.find('?')));
    const std::string_view fragment = hash == std::string_view::npos ? "" : url.substr(hash + 1);
    if (path.empty()) return anchor(own_, fragment, {});
    if (subject_.options.path.empty() || subject_.options.files == nullptr) return;
    const std::string file = folder_ + percent_decoded(path);
    if (!exists(file)) {
      findings_.warning("dead-link", place(), fmt::format("the link leads to '{}', which does not exist", path),
                        "the path is taken from the folder of this document");
      return;
    }
    if (fragment.empty() || !is_markdown(file)) return;
    if (const Anchors* there = anchors_of(file)) anchor(*there, fragment, path);
  }

  void anchor(const Anchors& anchors, std::string_view fragment, std::string_view path) {
    if (anchors.has(fragment)) return;
    const std::string message = path.empty() ? fmt::format("no heading of this document has the anchor '#{}'", fragment)
                                             : fmt::format("no heading of '{}' has the anchor '#{}'", path, fragment);
    std::string hint;
    if (hints_ < most_hints) hint = anchors.near(fragment);
    ++hints_;
    if (hint.empty()) hint = "an anchor is its heading in lower case, with '-' for blanks and without punctuation";
    findings_.warning("dead-anchor", place(), message, hint);
  }

  /// Where the address stands in the block: not far behind the one before it. One that is defined elsewhere does not.
  void find(Node block, std::string_view url) {
    constexpr std::size_t far = 4096; // that many bytes are looked through for each link
    block_ = block;
    begin_ = end_ = 0;
    if (url.empty()) return;
    const std::string_view all = source_.text().text().substr(0, next_ + far);
    for (std::size_t at = all.find(url, next_); at != std::string_view::npos; at = all.find(url, at + 1)) {
      if (at == 0 || (all[at - 1] != '(' && all[at - 1] != '<')) continue;
      begin_ = at;
      end_ = next_ = at + url.size();
      return;
    }
  }

  [[nodiscard]] SourceSpan place() const {
    if (end_ > 0) return source_.text().span(begin_, end_);
    return source_.text().in_line(block_.line(), block_.byte(), block_.byte());
  }

  bool exists(const std::string& file) {
    const auto known = exists_.find(file);
    if (known != exists_.end()) return known->second;
    if (exists_.size() == most_files) return true;
    const LinkedFiles& files = *subject_.options.files;
    bool found = files.exists(file);
    const bool is_page =
        !found && file.find('.', file.rfind('/') + 1) == std::string::npos; // of a site made of the documents
    const std::string page = file.substr(0, file.size() - (file.ends_with('/') ? 1 : 0));
    if (is_page) found = files.exists(page + ".md");
    exists_.emplace(file, found);
    return found;
  }

  const Anchors* anchors_of(const std::string& file) {
    const auto [entry, fresh] = anchors_.try_emplace(file);
    if (!fresh) return entry->second.get();
    const auto text = subject_.options.files->read(file);
    const auto source = text ? Source::read(*text, no_options) : nullptr;
    if (source) entry->second = std::make_unique<Anchors>(source->root());
    return entry->second.get();
  }

  const Subject& subject_;
  Findings& findings_;
  const Source& source_;
  Anchors own_;
  std::string folder_;
  Node block_;            ///< that the link is in
  std::size_t begin_ = 0; ///< of its address
  std::size_t end_ = 0;   ///< 0: it stands elsewhere
  std::size_t hints_ = 0; ///< that were looked for
  std::size_t next_ = 0;  ///< where to look for the next one
  std::unordered_map<std::string, bool> exists_;
  std::unordered_map<std::string, std::unique_ptr<Anchors>> anchors_;
};

} // namespace

void check_links(const Subject& subject, Findings& findings) {
  if (subject.source != nullptr) Links(subject, findings).check();
}

} // namespace runbook::linting
