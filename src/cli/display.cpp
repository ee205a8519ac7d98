#include "display.hpp"

namespace runbook::cli {

namespace {

// How often a view that moves is refreshed when nothing happens.
constexpr std::chrono::milliseconds tick{150};
// Events that come within this time are shown together: a person sees no difference, and the engine is not disturbed
// by a thread that wakes for each of them.
constexpr std::chrono::milliseconds batch{15};
// More than the last lines of a screen.
constexpr std::size_t output_kept = std::size_t{16} * 1024;

} // namespace

Display::Display(std::unique_ptr<View> view) : view_(std::move(view)), thread_([this] { serve(); }) {}

Display::~Display() {
  close();
}

void Display::close() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  shown_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Display::catch_up() {
  std::unique_lock lock(mutex_);
  shown_.wait(lock, [this] { return (items_.empty() && !showing_) || closing_; });
}

void Display::on_event(const RunHeader&, const Event& event) {
  const Moment now = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  add(Happened{event, now});
}

void Display::on_output(const RunHeader&, const ActionRef& at, Stream, std::string_view bytes) {
  if (bytes.size() > output_kept) bytes.remove_prefix(bytes.size() - output_kept);
  const std::scoped_lock lock(mutex_);
  Printed* last = items_.empty() ? nullptr : std::get_if<Printed>(&items_.back());
  if (last == nullptr || last->at != at) return add(Printed{at, std::string(bytes)});
  last->bytes += bytes;
  if (last->bytes.size() > 4 * output_kept) last->bytes.erase(0, last->bytes.size() - output_kept);
}

// Wakes the thread for the first item alone: it waits a little for others by itself.
void Display::add(Item item) {
  items_.push_back(std::move(item));
  if (!asleep_) return;
  asleep_ = false;
  arrived_.notify_one();
}

std::deque<Display::Item> Display::wait_for_items(bool animated) {
  std::unique_lock lock(mutex_);
  const auto awake = [this] { return !items_.empty() || closing_; };
  showing_ = false;
  shown_.notify_all();
  asleep_ = !awake();
  if (animated) {
    arrived_.wait_for(lock, tick, awake);
  } else {
    arrived_.wait(lock, awake);
  }
  asleep_ = false;
  if (!items_.empty()) arrived_.wait_for(lock, batch, [this] { return closing_; });
  showing_ = true;
  return std::exchange(items_, {});
}

void Display::serve() {
  bool animated = false;
  for (bool closing = false; !closing;) {
    {
      const std::scoped_lock lock(mutex_);
      closing = closing_;
    }
    for (const Item& item : wait_for_items(animated)) hand_over(item);
    animated = view_->refresh(std::chrono::steady_clock::now());
  }
}

void Display::hand_over(const Item& item) {
  if (const auto* happened = std::get_if<Happened>(&item)) {
    view_->event(happened->event, happened->when);
  } else {
    const auto& printed = std::get<Printed>(item);
    view_->output(printed.at, printed.bytes);
  }
}

} // namespace runbook::cli
