// The engine's side of one program that a supervisor looks after: passes on what is heard of it.
//
// Ownership: kept alive by its `Activity` and by the connection. Thread-safety: belongs to the thread of the event
// loop, but for `Activity::stop`.
#pragma once

#include "supervisor/messages.hpp"

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace runbook::supervisor {

class Connection;

class RemoteProgram : public std::enable_shared_from_this<RemoteProgram> {
public:
  /// What the supervisor says to a start that waits for it, or to `attach`.
  enum class Answer : std::uint8_t { none, yes, unknown, failed };

  RemoteProgram(std::string key, std::string program, ProcessEvents events)
      : key_(std::move(key)), program_(std::move(program)), events_(std::move(events)) {}
  [[nodiscard]] static std::unique_ptr<Activity> activity(boost::asio::io_context& io,
                                                          std::shared_ptr<RemoteProgram> program);

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const std::string& program() const { return program_; }
  void belongs_to(const std::shared_ptr<Connection>& connection, std::uint64_t id);

  void output(Stream stream, std::string_view bytes);
  void lost(Stream stream, std::uint64_t size);
  void ended(const End& end);
  void failed(Error error);
  /// Nobody wants to hear of it any more.
  void drop();
  void stop();
  /// It is not to be had there: gives back what would have been called.
  [[nodiscard]] ProcessEvents take_events();

  Answer answer = Answer::none;
  std::optional<Error> refusal{}; ///< of a start that waited for its answer

private:
  template <class Call>
  void report(Call call);

  std::string key_;
  std::string program_;
  ProcessEvents events_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t id_ = 0;
  bool over_ = false;
  bool reporting_ = false; // a callback is on the stack
};

} // namespace runbook::supervisor
