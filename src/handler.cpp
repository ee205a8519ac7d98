#include <runbook/handler.hpp>

#include <runbook/system.hpp>

#include "handlers/function.hpp"
#include "suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

const Secrets& StepContext::secrets() const {
  static const Secrets none;
  return none;
}

const Value& StepContext::param(std::string_view name) const {
  static const Value missing;
  const Value* value = params().if_contains(name);
  return value == nullptr ? missing : *value;
}

void StepContext::log(std::string_view line) {
  std::string text(line);
  text += '\n'; // in one piece, so that lines of several threads do not mix
  output(Stream::err, text);
}

Completion::~Completion() {
  if (!sink_) return;
  try {
    (*this)(Outcome{OutcomeStatus::failed, nullptr, "the handler ended without saying how"});
  } catch (...) { // a destructor has nobody to tell
  }
}

void Completion::operator()(Outcome outcome) {
  if (const auto sink = std::exchange(sink_, nullptr)) sink(std::move(outcome));
}

void Completion::operator()(Result<Value> result) {
  if (result) {
    (*this)(Outcome{OutcomeStatus::ok, std::move(*result), {}});
    return;
  }
  std::string message = to_string(result.error());
  if (message.empty()) message = to_string(result.error().code);
  (*this)(Outcome{OutcomeStatus::failed, nullptr, std::move(message)});
}

namespace {

Diagnostic problem(std::string_view code, std::string message, std::string hint, const SourceSpan& span) {
  return {Severity::error, std::string(code), std::move(message), std::move(hint), {}, {}, span};
}

std::vector<std::string> param_names(const HandlerInfo& info) {
  std::vector<std::string> names;
  names.reserve(info.params.size() + 1);
  for (const HandlerParam& param : info.params) names.push_back(param.name);
  // The text of a block arrives as this parameter, whether it is listed or not.
  if (!info.languages.empty() && std::ranges::find(names, "text") == names.end()) names.emplace_back("text");
  return names;
}

} // namespace

std::vector<Diagnostic> Handler::check(const Action& action) const {
  std::vector<Diagnostic> problems;
  if (info().params.empty()) return problems;
  for (const HandlerParam& param : info().params) {
    if (!param.required || action.params.contains(param.name)) continue;
    problems.push_back(problem("missing-parameter",
                               fmt::format("'{}' needs the parameter '{}'", info().name, param.name), param.description,
                               action.span));
  }
  const std::vector<std::string> names = param_names(info());
  for (const auto& [key, value] : action.params) {
    const std::string_view name = key;
    if (std::ranges::find(names, name) != names.end()) continue;
    std::string hint = did_you_mean(name, names);
    if (hint.empty()) hint = fmt::format("it takes {}", fmt::join(names, ", "));
    problems.push_back(problem("unknown-parameter", fmt::format("'{}' has no parameter '{}'", info().name, name),
                               std::move(hint), action.span));
  }
  return problems;
}

Effect Handler::effect(const Action&) const {
  return info().effect;
}

std::optional<Action> Handler::undo(const Action&) const {
  return std::nullopt;
}

std::vector<std::string> Handler::expressions(const Action&) const {
  return {};
}

std::vector<std::string> Handler::captures(const Action&) const {
  return {};
}

namespace {

[[noreturn]] void refuse(std::string message) {
  throw Exception(Error{errc::invalid_argument, std::move(message), {}});
}

bool claims(const Handler& handler, std::string_view language) {
  return std::ranges::find(handler.info().languages, language) != handler.info().languages.end();
}

/// A step names a handler by its name or by a language that it claims, so all of these must be distinct.
void check_names(const HandlerInfo& info, const Handler& other) {
  const HandlerInfo& taken = other.info();
  if (claims(other, info.name)) {
    refuse(fmt::format("a handler cannot be named '{}': '{}' claims that fence language", info.name, taken.name));
  }
  for (const std::string& language : info.languages) {
    if (language == taken.name || claims(other, language)) {
      refuse(fmt::format("handler '{}' cannot claim the fence language '{}': handler '{}' has it", info.name, language,
                         taken.name));
    }
  }
}

} // namespace

HandlerRegistry& HandlerRegistry::add(std::shared_ptr<const Handler> handler) {
  if (handler && handlers_.contains(handler->info().name)) {
    refuse(fmt::format("a handler named '{}' is registered already; use replace() to put another in its place",
                       handler->info().name));
  }
  return replace(std::move(handler));
}

HandlerRegistry& HandlerRegistry::add(HandlerInfo info, HandlerFunction function) {
  return add(make_function_handler(std::move(info), std::move(function)));
}

HandlerRegistry& HandlerRegistry::replace(std::shared_ptr<const Handler> handler) {
  if (!handler) refuse("a handler to register is a null pointer");
  const HandlerInfo& info = handler->info();
  if (info.name.empty()) refuse("a handler needs a name");
  for (const auto& [name, other] : handlers_) {
    if (name != info.name) check_names(info, *other);
  }
  handlers_.insert_or_assign(info.name, std::move(handler));
  return *this;
}

HandlerRegistry& HandlerRegistry::replace(HandlerInfo info, HandlerFunction function) {
  return replace(make_function_handler(std::move(info), std::move(function)));
}

std::shared_ptr<const Handler> HandlerRegistry::find(std::string_view name) const {
  const auto found = handlers_.find(name);
  return found == handlers_.end() ? nullptr : found->second;
}

std::vector<std::string> HandlerRegistry::names() const {
  std::vector<std::string> names;
  names.reserve(handlers_.size());
  for (const auto& [name, handler] : handlers_) names.push_back(name);
  return names;
}

std::vector<std::string> HandlerRegistry::languages() const {
  std::vector<std::string> languages;
  for (const auto& [name, handler] : handlers_) {
    languages.insert(languages.end(), handler->info().languages.begin(), handler->info().languages.end());
  }
  return languages;
}

std::shared_ptr<const Handler> HandlerRegistry::find_language(std::string_view language) const {
  for (const auto& [name, handler] : handlers_) {
    if (claims(*handler, language)) return handler;
  }
  return nullptr;
}

} // namespace runbook
