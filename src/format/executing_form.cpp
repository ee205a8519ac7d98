#include "format/executing_form.hpp"

#include "json_text.hpp"
#include "markdown/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace runbook::format {

namespace {

void complete_requests(Values& params) {
  Value* const list = params.if_contains("requests");
  if (list == nullptr) {
    params.emplace("method", "GET");
  } else if (list->is_array()) {
    for (Value& request : list->get_array()) {
      if (request.is_object()) request.get_object().emplace("method", "GET");
    }
  }
}

void complete(std::vector<Action>& actions, bool only_looks) {
  for (Action& action : actions) {
    if (action.handler == "shell") action.params.emplace("shell", "sh");
    if (action.handler == "http") complete_requests(action.params);
    if (only_looks && !action.effect) action.effect = Effect::pure;
  }
}

void complete(std::vector<Step>& steps, bool only_looks) {
  for (Step& step : steps) {
    if (step.title.empty()) step.title = step.id;
    step.notes = markdown::one_line(step.notes);
    complete(step.actions, only_looks);
    complete(step.checks, true);
    complete(step.undo, false);
    complete(step.probe, true);
    complete(step.steps, only_looks);
  }
}

class Comparison {
public:
  explicit Comparison(std::size_t most) : most_(most) {}

  void compare(const Value& a, const Value& b, const std::string& pointer) {
    if (found_.size() == most_ || a == b) return;
    if (a.is_object() && b.is_object()) {
      members(a.get_object(), b.get_object(), pointer);
    } else if (a.is_array() && b.is_array() && a.get_array().size() == b.get_array().size()) {
      for (std::size_t i = 0; i < a.get_array().size(); ++i) {
        compare(a.get_array()[i], b.get_array()[i], pointer + "/" + std::to_string(i));
      }
    } else {
      found_.push_back(pointer);
    }
  }

  std::vector<std::string> take() { return std::move(found_); }

private:
  void members(const Values& a, const Values& b, const std::string& pointer) {
    for (const auto& [key, value] : a) {
      const std::string at = pointer + "/" + pointer_token(key);
      const Value* other = b.if_contains(key);
      if (other != nullptr) {
        compare(value, *other, at);
      } else if (found_.size() < most_) {
        found_.push_back(at);
      }
    }
    for (const auto& [key, value] : b) {
      if (!a.contains(key) && found_.size() < most_) found_.push_back(pointer + "/" + pointer_token(key));
    }
  }

  std::size_t most_;
  std::vector<std::string> found_;
};

} // namespace

Value executing_form(Runbook book) {
  complete(book.prerequisites, true);
  complete(book.steps, false);
  complete(book.verification, true);
  complete(book.rollback, false);
  complete(book.state, true);
  return to_json(book);
}

std::vector<std::string> differences(const Value& a, const Value& b, std::size_t most) {
  Comparison comparison(most);
  comparison.compare(a, b, "");
  return comparison.take();
}

} // namespace runbook::format
