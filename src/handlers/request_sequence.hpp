// One attempt at the requests of an `http` action, one after the other, up to the first that does not end as expected.
//
// Ownership: kept alive by the exchange under way, and gone with it.
// Thread-safety: used on the engine's thread; a stop may come from any.
#pragma once

#include <runbook/handler.hpp>
#include <runbook/system.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace runbook {

class RequestSequence : public std::enable_shared_from_this<RequestSequence> {
public:
  /// For an action without flaws.
  RequestSequence(StepContext& context, Completion done);

  /// Sends the next request; the completion is called when the last has ended.
  void send();

private:
  [[nodiscard]] bool is_last() const noexcept { return index_ + 1 == requests_.size(); }
  [[nodiscard]] Values values_for_request() const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const;
  void ended(const Result<HttpResponse>& result);
  [[nodiscard]] std::optional<std::string> mismatch_of(const HttpResponse& response) const;
  [[nodiscard]] std::optional<std::string> capture(const HttpResponse& response);
  void fail(const Error& error);
  void finish(OutcomeStatus status, Values report, std::string message);

  StepContext& context_;
  Completion done_;
  std::vector<const Values*> requests_;
  std::size_t index_ = 0;
  Values values_;   ///< the run's, and what earlier requests captured
  Values captures_; ///< what these requests captured
  std::chrono::steady_clock::time_point start_;
  std::string url_;   ///< of the request under way
  std::string shown_; ///< its method and URL, as they may be shown
  std::unique_ptr<Activity> activity_;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
};

} // namespace runbook
