// Where secrets come from: the host's environment, files and commands.
#include "process/descriptor.hpp"
#include "process/runner.hpp"
#include "secret/wiping.hpp"

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::chrono::minutes patience{1};

/// What comes in pieces; too much of it is as good as a little too much.
class Incoming {
public:
  void add(std::string_view bytes) {
    if (bytes_.size() <= limit) bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  /// Without line breaks at its end, as `$(…)` has it.
  [[nodiscard]] Secret take() const {
    std::string_view text(bytes_.data(), bytes_.size());
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return Secret(text);
  }

private:
  static constexpr std::size_t limit = Secret::max_bytes + 2;
  WipingVector<char> bytes_;
};

Error unavailable(std::string why) {
  return {errc::secret_unavailable, std::move(why), {}};
}

Secret from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? Secret() : Secret(std::string_view(value));
}

Result<Secret> from_file(const std::string& path) {
  const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return Secret();
  WipingVector<char> buffer(4096);
  Incoming incoming;
  ssize_t got = file ? 1 : -1;
  while (got > 0) {
    got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      got = 1;
    else if (got > 0)
      incoming.add({buffer.data(), static_cast<std::size_t>(got)});
  }
  if (got < 0) return unavailable(std::strerror(errno));
  return incoming.take();
}

/// A command that runs on an event loop of its own, because the engine's may not wait.
class Command {
public:
  Result<Secret> run(const SecretRequest& request) {
    const auto runner = make_process_runner(io_);
    auto activity = runner->start(spec(request), {.on_output =
                                                      [this](Stream stream, std::string_view bytes) {
                                                        if (stream == Stream::out) incoming_.add(bytes);
                                                      },
                                                  .on_exit =
                                                      [this](ProcessExit exit) {
                                                        exit_ = exit;
                                                        timer_.cancel();
                                                      }});
    if (!activity) return unavailable(activity.error().message);
    timer_.async_wait([this, &activity](const auto& error) {
      if (error) return;
      late_ = true;
      (*activity)->stop();
    });
    io_.run();
    if (late_) return unavailable("the command did not end within a minute");
    if (exit_ && exit_->kind == ProcessExit::Kind::exited && exit_->code == 0) return incoming_.take();
    return unavailable(ended_with());
  }

private:
  static ProcessSpec spec(const SecretRequest& request) {
    return {.program = "sh",
            .arguments = {"-c", request.origin.name},
            .environment = request.environment,
            .directory = request.directory,
            .grace = std::chrono::milliseconds{1000}};
  }

  [[nodiscard]] std::string ended_with() const {
    if (!exit_ || exit_->kind == ProcessExit::Kind::unknown) return "nobody knows how the command ended";
    return exit_->kind == ProcessExit::Kind::exited ? fmt::format("the command ended with exit code {}", exit_->code)
                                                    : fmt::format("the command was killed by signal {}", exit_->code);
  }

  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_{io_, patience};
  Incoming incoming_;
  std::optional<ProcessExit> exit_;
  bool late_ = false;
};

class HostSource final : public SecretSource {
public:
  Result<Secret> get(const SecretRequest& request) override {
    switch (request.origin.kind) {
    case SecretOrigin::Kind::env: return from_environment(request.origin.name);
    case SecretOrigin::Kind::file:
      return from_file((std::filesystem::path(request.directory) / request.origin.name).string());
    case SecretOrigin::Kind::command: return Command().run(request);
    case SecretOrigin::Kind::given: break;
    }
    return Secret();
  }
};

class FunctionSource final : public SecretSource {
public:
  explicit FunctionSource(std::function<Result<Secret>(const SecretRequest&)> get) : get_(std::move(get)) {}
  Result<Secret> get(const SecretRequest& request) override { return get_(request); }

private:
  std::function<Result<Secret>(const SecretRequest&)> get_;
};

} // namespace

std::shared_ptr<SecretSource> make_secret_source() {
  return std::make_shared<HostSource>();
}

std::shared_ptr<SecretSource> make_secret_source(std::function<Result<Secret>(const SecretRequest&)> get) {
  return std::make_shared<FunctionSource>(std::move(get));
}

} // namespace runbook
