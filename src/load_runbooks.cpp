// Reading the runbooks that a runbook's steps run.
#include "by_place.hpp"
#include "printable.hpp"
#include "runbook_action.hpp"

#include <runbook/parse.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t most_runbooks = 1000;

class Loading {
public:
  explicit Loading(const DocumentReader& read) : read_(read) {}

  void load(Runbook& runbook) {
    above_.push_back(runbook.path);
    for (const auto* steps : {&runbook.prerequisites, &runbook.steps, &runbook.verification, &runbook.rollback}) {
      for_each_runbook_action(*steps, [&](const Step& step, const Action& action) {
        const std::string_view file = runbook_file(action);
        if (!file.empty()) load(runbook, step, action, path_beside(runbook.path, file));
      });
    }
    above_.pop_back();
  }

  [[nodiscard]] Result<void> result() {
    if (found_.empty()) return {};
    const auto errors = std::ranges::count(found_, Severity::error, &Diagnostic::severity);
    return Error{
        errc::invalid_document,
        fmt::format("a runbook that is to be run by another one cannot be: {} error{}", errors, errors == 1 ? "" : "s"),
        std::move(found_)};
  }

private:
  void load(Runbook& runbook, const Step& step, const Action& action, const std::string& path) {
    const auto known = [&path](const Runbook& other) { return other.path == path; };
    if (std::ranges::any_of(runbook.runbooks, known)) return;
    const auto error = [&](std::string_view code, std::string message, std::string hint) {
      found_.push_back({Severity::error, std::string(code), printable(message), std::move(hint), runbook.path, step.id,
                        action.span.known() ? action.span : step.span});
    };
    if (std::ranges::find(above_, path) != above_.end()) {
      return error("recursion", fmt::format("the runbook would run itself: {} → {}", fmt::join(above_, " → "), path),
                   "a run must have an end: do it with until or foreach");
    }
    if (above_.size() >= max_runbooks_deep) {
      return error("limit", fmt::format("runbooks run others more than {} deep", max_runbooks_deep),
                   "run fewer inside of others");
    }
    if (++count_ > most_runbooks) {
      if (count_ == most_runbooks + 1)
        error("limit", fmt::format("more than {} runbooks are run", most_runbooks), "run fewer inside of others");
      return;
    }
    Result<Parsed> parsed = read_(path);
    if (!parsed) {
      return error("runbook-file",
                   fmt::format("the runbook that the step runs cannot be read: {}", parsed.error().message),
                   "correct the link");
    }
    text_ += parsed->runbook.source.size();
    if (text_ > max_runbooks_text) {
      count_ = most_runbooks + 1; // no more are read
      return error("limit", "the runbooks that are run have more than 64 MiB of text", "run fewer inside of others");
    }
    if (!parsed->ok()) std::ranges::move(parsed->diagnostics, std::back_inserter(found_));
    parsed->runbook.path = path;
    load(parsed->runbook);
    runbook.runbooks.push_back(std::move(parsed->runbook));
  }

  const DocumentReader& read_;
  std::vector<std::string> above_; ///< the runbooks that run the one that is read, outermost first
  std::vector<Diagnostic> found_;
  std::size_t count_ = 0;
  std::size_t text_ = 0;
};

} // namespace

Result<void> load_runbooks(Runbook& runbook, const DocumentReader& read) {
  runbook.runbooks.clear();
  Loading loading(read);
  loading.load(runbook);
  return loading.result();
}

} // namespace runbook
