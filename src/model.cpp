#include <runbook/model.hpp>

namespace runbook {

namespace {

Action make_action(std::string handler, Values params) {
  Action action;
  action.handler = std::move(handler);
  action.params = std::move(params);
  return action;
}

} // namespace

Step& Step::use(std::string handler, Values params) {
  actions.push_back(make_action(std::move(handler), std::move(params)));
  return *this;
}

Step& Step::rollback(std::string handler, Values params) {
  undo.push_back(make_action(std::move(handler), std::move(params)));
  return *this;
}

Step& Step::check(std::string handler, Values params) {
  checks.push_back(make_action(std::move(handler), std::move(params)));
  return *this;
}

Step& Step::titled(std::string text) {
  title = std::move(text);
  return *this;
}

Step& Runbook::step(std::string id) {
  Step& step = steps.emplace_back();
  step.title = id;
  step.id = std::move(id);
  return step;
}

} // namespace runbook
