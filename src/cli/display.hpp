// Hands events over from the engine's thread to a view on a thread of its own, so that a terminal that is held
// (Ctrl-S) or a pipe that nobody reads cannot stop the engine.
//
// Thread-safety: as an observer, any. A view is used by the display's thread alone.
#pragma once

#include <runbook/executor.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

namespace runbook::cli {

using Moment = std::chrono::steady_clock::time_point;

/// Shows what happens in a run.
class View {
public:
  virtual ~View() = default;
  /// An event, in order; `when` it arrived.
  virtual void event(const Event& event, Moment when) = 0;
  /// The newest output of an action. Where it comes faster than it can be shown, the older part is left out.
  virtual void output(const ActionRef& at, std::string_view bytes) = 0;
  /// Everything that has arrived was handed over. Returns whether to be called again soon even if nothing arrives.
  virtual bool refresh(Moment now) = 0;
  /// Whether something could not be written.
  [[nodiscard]] virtual bool lost() const = 0;
};

class Display final : public Observer {
public:
  explicit Display(std::unique_ptr<View> view);
  ~Display() override;

  void on_event(const RunHeader& run, const Event& event) override;
  void on_output(const RunHeader& run, const ActionRef& at, Stream stream, std::string_view bytes) override;

  /// Returns when everything that has arrived until now is shown.
  void catch_up();
  /// Returns when everything that has arrived is shown. Nothing is shown after it.
  void close();
  /// After `close`: whether something could not be shown.
  [[nodiscard]] bool lost() const { return view_->lost(); }

private:
  struct Happened {
    Event event;
    Moment when;
  };
  struct Printed {
    ActionRef at;
    std::string bytes;
  };
  using Item = std::variant<Happened, Printed>;

  void serve();
  std::deque<Item> wait_for_items(bool animated);
  void add(Item item);
  void hand_over(const Item& item);

  std::unique_ptr<View> view_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable shown_;
  std::deque<Item> items_;
  bool showing_ = false; ///< items that were taken off are being shown
  bool asleep_ = false;  ///< the thread waits for the first item
  bool closing_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace runbook::cli
