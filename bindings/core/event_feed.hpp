// The events of one run for the Python threads that follow it: filled on the engine's thread, read on theirs. Nothing
// here touches Python, so the engine never waits for the GIL.
//
// Thread-safety: everything may be called from any thread.
#pragma once

#include <runbook/executor.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace runbook::python {

class EventFeed final : public Observer {
public:
  void on_event(const RunHeader& run, const Event& event) override;

  /// What a reader waits for besides the run's end.
  struct Wanted {
    std::optional<std::size_t> event; ///< the event at this position
    bool question = false;            ///< a question that nobody has taken yet
  };
  /// Waits for something that is wanted, or the run's end, at most this long.
  void wait(const Wanted& wanted, std::chrono::milliseconds time);

  /// The event at this position, if it is there already.
  [[nodiscard]] std::optional<Event> at(std::size_t position) const;
  [[nodiscard]] std::shared_ptr<const Outline> outline() const;
  /// A question that is still open, to one taker only.
  [[nodiscard]] std::optional<Question> take_question();
  /// Whether the last event is there.
  [[nodiscard]] bool ended() const;

private:
  struct Open {
    Question question;
    ActionRef at;
  };

  void note_questions(const RunHeader& run, const EventData& data);
  void forget(const std::string& token);

  mutable std::mutex mutex_; // guards everything
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::shared_ptr<const Outline> outline_;
  std::deque<Open> questions_; // open, and not taken
  bool ended_ = false;
};

} // namespace runbook::python
