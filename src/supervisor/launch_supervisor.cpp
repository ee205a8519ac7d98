#include "supervisor/launch_supervisor.hpp"

#include "process/process_end.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace runbook::supervisor {

namespace {

using process::Descriptor;

/// The launcher puts descriptors into the standard places, so they must not be there.
Descriptor above_standard(Descriptor descriptor) {
  if (!descriptor || descriptor.get() > STDERR_FILENO) return descriptor;
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

bool is_passed_on(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return name == "LD_LIBRARY_PATH" || name.ends_with("SAN_OPTIONS");
}

std::vector<char*> passed_on() {
  std::vector<char*> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (is_passed_on(*variable)) variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

Error failed(const std::string& program, int error) {
  return {errc::exec_failed,
          fmt::format("cannot start the supervisor '{}': {}", program, std::generic_category().message(error)),
          {}};
}

} // namespace

Result<LaunchedSupervisor> launch_supervisor(const std::string& program, const std::string& folder,
                                             std::chrono::milliseconds idle) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return failed(program, errno);
  LaunchedSupervisor made{above_standard(Descriptor(ends[0])), {}};
  const Descriptor its = above_standard(Descriptor(ends[1]));
  const Descriptor null = above_standard(Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)));
  if (!made.connection || !its || !null) return failed(program, errno);
  const std::string time = std::to_string(idle.count());
  const std::array<const char*, 2> candidates{program.c_str(), nullptr};
  const std::array<char*, 4> arguments{const_cast<char*>(program.c_str()), const_cast<char*>(folder.c_str()),
                                       const_cast<char*>(time.c_str()), nullptr};
  const std::vector<char*> environment = passed_on();
  const auto launcher = process::make_launcher(LauncherKind::automatic);
  auto launched = launcher->launch({.candidates = candidates.data(),
                                    .argv = arguments.data(),
                                    .envp = environment.data(),
                                    .directory = "/",
                                    .in = its.get(),
                                    .out = null.get(),
                                    .err = null.get()});
  if (!launched) return failed(program, launched.error().error);
  made.pidfd = std::move(launched->pidfd);
  return made;
}

void SupervisorEnd::watch() {
  if (!pidfd_.is_open()) return;
  pidfd_.async_wait(boost::asio::posix::descriptor_base::wait_read, [self = shared_from_this()](const auto& failure) {
    if (!failure) self->await(std::chrono::milliseconds(0));
  });
}

void SupervisorEnd::await(std::chrono::milliseconds at_most) {
  if (!pidfd_.is_open()) return;
  pollfd ended{pidfd_.native_handle(), POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(at_most.count())) > 0)
    static_cast<void>(process::reap(pidfd_.native_handle()));
  boost::system::error_code ignored;
  pidfd_.close(ignored);
}

} // namespace runbook::supervisor
