// One program that the supervisor has been asked to start: what it says, how it ends, and who is told.
//
// What it says is kept until the engine has its end on record. An engine that is there is told at once; one that comes
// later hears it from the beginning. The end is put on disk only where the engine does not say soon that it has it.
//
// Ownership: kept alive by the server and by its own waits. Thread-safety: belongs to the thread of the event loop.
#pragma once

#include "process/runner.hpp"
#include "supervisor/below.hpp"
#include "supervisor/engine_link.hpp"
#include "supervisor/folder.hpp"
#include "supervisor/kept_output.hpp"
#include "supervisor/messages.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runbook::supervisor {

class Program final : public Speaker, public std::enable_shared_from_this<Program> {
public:
  /// What all programs of a supervisor share; lasts longer than they.
  struct Surroundings {
    boost::asio::io_context& io;
    ProcessRunner& runner;
    Folder& folder;
    /// The numbers of all programs that run.
    std::function<std::vector<pid_t>()> leaders;
    /// It has ended, or its end has been put on disk.
    std::function<void()> changed;
  };

  Program(Surroundings& around, std::string key) : around_(around), key_(std::move(key)), end_timer_(around.io) {}

  /// Its engine hears it from now on. What the message holds of secrets is overwritten.
  void launch(StartMessage& message, const std::shared_ptr<EngineLink>& link);
  /// Another engine hears all that it has said, and it says from now on.
  void give_to(const std::shared_ptr<EngineLink>& link, std::uint64_t id);
  /// Its engine is gone.
  void leave();
  void stop();
  /// At once, with all of its family.
  void kill();
  /// Nobody waits for it any more.
  void drop();
  /// Its end is on record elsewhere: nothing of it is left, or will be when it ends.
  void forget();

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] EngineLink* link() const { return link_.get(); }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] bool has_ended() const { return end_.has_value(); }
  [[nodiscard]] bool is_recorded() const { return recorded_; }
  /// Nothing of it is wanted here any more: it has ended, and is on record elsewhere, or on disk with nobody waiting.
  [[nodiscard]] bool is_done() const { return end_ && (forgotten_ || (dropped_ && recorded_)); }
  [[nodiscard]] bool is_dropped() const { return dropped_; }
  /// -1 if it does not run.
  [[nodiscard]] pid_t pid() const { return activity_ ? activity_->pid() : -1; }

  bool speak(Bytes& to) override;

private:
  [[nodiscard]] ProcessEvents events(bool can_wait);
  void take_output(Stream stream, std::string_view bytes);
  void exited(ProcessExit exit);
  void finish(std::optional<Error> failure, ProcessExit exit);
  void replay();
  void tell_end();
  void announce();
  /// Holds the program back while its engine does not keep up.
  void balance();
  void note_family();
  void record();
  void record_after(std::chrono::milliseconds time);

  Surroundings& around_;
  std::string key_;
  std::shared_ptr<EngineLink> link_; // null: nobody is there to be told
  std::uint64_t id_ = 0;             // as the engine calls it
  std::unique_ptr<ProcessActivity> activity_;
  std::optional<KeptOutput> kept_;
  std::chrono::milliseconds grace_{0};
  std::chrono::milliseconds settle_{0};
  bool confidential_ = false;
  bool stopping_ = false;
  bool dropped_ = false;
  std::vector<Known> known_; // its family, when it was stopped
  Bytes words_;              // for the engine
  bool announced_ = false;
  bool live_ = false; // the engine has heard all that is kept, or it is in `words_`
  KeptOutput::Position heard_;
  bool has_result_ = false;
  std::uint64_t result_size_ = 0;
  Bytes result_;
  std::optional<End> end_;
  boost::asio::steady_timer end_timer_;
  bool recording_ = false; // it was tried
  bool recorded_ = false;
  bool forgotten_ = false;
};

} // namespace runbook::supervisor
