#include "supervisor/take_up.hpp"

#include "executor/owner.hpp"
#include "supervisor/remote_program.hpp"
#include "supervisor/replay.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

namespace runbook::supervisor {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{2000};
/// Between the making and the words of a claim that is no link there is a moment.
constexpr int looks_at_claim = 40;
constexpr milliseconds between_looks{5};

Error in_doubt(const std::string& name, std::string_view why) {
  return {errc::in_doubt, fmt::format("what became of '{}' is not known: {}", name, why), {}};
}

Error never_started(const std::string& name) {
  return {errc::not_found, fmt::format("'{}' was never started, and now never will be", name), {}};
}

class TakeUp {
public:
  TakeUp(boost::asio::io_context& io, Folder& folder, const Connect& connect, const std::string& key,
         const ProcessSpec& spec, ProcessEvents events)
      : io_(io), folder_(folder), connect_(connect), key_(key), spec_(spec), events_(std::move(events)) {}

  Result<std::unique_ptr<Activity>> run() {
    const int error = folder_.make_claim(key_, {{}, {}, spec_.name});
    if (error == 0) return never_started(spec_.name);
    if (error != EEXIST) {
      return in_doubt(spec_.name, fmt::format("the supervisor's folder '{}': {}", folder_.path(),
                                              std::generic_category().message(error)));
    }
    const Found<Claim> claim = read_claim();
    if (claim.record && claim.record->owner.empty()) return never_started(spec_.name);
    auto end = folder_.end(key_);
    // Of a confidential program the supervisor may have kept what no disk has.
    const bool asks = claim.record && (!end.record || end.record->confidential);
    if (asks && connected(*claim.record)) return answer();
    if (!end.record) end = folder_.end(key_);
    if (end.record) return replay(io_, folder_, key_, std::move(*end.record), std::move(events_));
    return in_doubt(spec_.name, why(claim, end));
  }

private:
  [[nodiscard]] Found<Claim> read_claim() const {
    Found<Claim> claim = folder_.claim(key_);
    for (int looks = 1; looks < looks_at_claim && !claim.record; ++looks) {
      ::poll(nullptr, 0, static_cast<int>(between_looks.count()));
      claim = folder_.claim(key_);
    }
    return claim;
  }

  /// Whether the supervisor has the program, or can say that it was not started.
  [[nodiscard]] bool connected(const Claim& claim) {
    lives_ = owner_lives(claim.owner);
    if (lives_ == false) return false;
    const auto connection = connect_(claim);
    if (!connection) return false;
    program_ = std::make_shared<RemoteProgram>(key_, spec_.program, std::move(events_));
    connection->attach(program_);
    connection->await_answer(*program_, patience);
    refusal_ = connection->refusal();
    using Answer = RemoteProgram::Answer;
    if (program_->answer == Answer::yes || program_->answer == Answer::failed) return true;
    events_ = program_->take_events();
    if (program_->answer == Answer::unknown) lives_ = false; // it has forgotten it
    return false;
  }

  [[nodiscard]] Result<std::unique_ptr<Activity>> answer() {
    if (program_->answer == RemoteProgram::Answer::failed) return *program_->refusal;
    return RemoteProgram::activity(io_, program_);
  }

  [[nodiscard]] std::string why(const Found<Claim>& claim, const Found<EndRecord>& end) const {
    if (end.damaged) return fmt::format("the record of its end in '{}' is damaged", folder_.path());
    if (!claim.record) return fmt::format("its claim in '{}' is damaged", folder_.path());
    if (refusal_) return refusal_->message;
    if (!lives_) return "its supervisor is of another host";
    // One that has ended meanwhile was there a moment ago.
    if (*lives_ && owner_lives(claim.record->owner) == true) {
      return fmt::format("its supervisor ({}) lives and does not answer", claim.record->owner);
    }
    return "its supervisor has ended and has left no word of it";
  }

  boost::asio::io_context& io_;
  Folder& folder_;
  const Connect& connect_;
  const std::string& key_;
  const ProcessSpec& spec_;
  ProcessEvents events_;
  std::shared_ptr<RemoteProgram> program_;
  std::optional<bool> lives_ = false;
  std::optional<Error> refusal_;
};

} // namespace

Result<std::unique_ptr<Activity>> take_up(boost::asio::io_context& io, Folder& folder, const Connect& connect,
                                          const std::string& key, const ProcessSpec& spec, ProcessEvents events) {
  return TakeUp(io, folder, connect, key, spec, std::move(events)).run();
}

process::Descriptor connect_to(const Folder& folder, const std::string& socket) {
  const std::string path = folder.address_of(socket);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.empty() || socket.find('/') != std::string::npos || path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  process::Descriptor connected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!connected || ::connect(connected.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockopt(connected.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::geteuid()) {
    return {};
  }
  return connected;
}

} // namespace runbook::supervisor
