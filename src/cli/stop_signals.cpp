#include "stop_signals.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

} // namespace

StopSignals::StopSignals() : stop_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // A blocked signal reaches the descriptor even if it is ignored.
    if (!is_ignored(signal)) sigaddset(&wanted, signal);
  }
  signals_ = checked(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  ::pthread_sigmask(SIG_BLOCK, &wanted, &former_);
}

StopSignals::~StopSignals() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_, &one, sizeof one) < 0); // a fresh eventfd takes it
  if (thread_.joinable()) thread_.join();
  ::close(stop_);
  ::close(signals_);
  ::pthread_sigmask(SIG_SETMASK, &former_, nullptr);
}

void StopSignals::watch(std::function<void(int)> on_signal) {
  thread_ = std::thread([this, on_signal = std::move(on_signal)] { serve(on_signal); });
}

void StopSignals::serve(const std::function<void(int)>& on_signal) const {
  while (true) {
    std::array<pollfd, 2> ready{{{signals_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      on_signal(static_cast<int>(info.ssi_signo));
    }
    if (ready[1].revents != 0) return;
  }
}

// A handler that does nothing, and not SIG_IGN: programs that are started would inherit the latter.
void survive_failing_writes() {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
  ::sigaction(SIGXFSZ, &action, nullptr);
}

} // namespace runbook::cli
