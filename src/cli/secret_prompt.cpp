#include "secret_prompt.hpp"

#include "output.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>

namespace runbook::cli {

namespace {

constexpr char ctrl_c = '\x03';
constexpr char ctrl_d = '\x04';
constexpr char ctrl_u = '\x15';
constexpr char backspace = '\b';
constexpr char rubout = '\x7f';

/// Holds signals back that would end the process and leave its terminal without an echo: they come into effect when the
/// terminal is as it was.
class HeldSignals {
public:
  HeldSignals() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&held, signal);
    ::pthread_sigmask(SIG_BLOCK, &held, &former_);
    descriptor_ = ::signalfd(-1, &held, SFD_CLOEXEC);
  }
  ~HeldSignals() {
    if (descriptor_ >= 0) ::close(descriptor_);
    ::pthread_sigmask(SIG_SETMASK, &former_, nullptr);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// Readable when one waits.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
  sigset_t former_{};
  int descriptor_ = -1;
};

/// The terminal without echo, lines and signals of its own.
class SilentTerminal {
public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &former_) != 0) return;
    termios silent = former_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (silent_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &former_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  [[nodiscard]] bool silent() const noexcept { return silent_; }

private:
  termios former_{};
  bool silent_ = false;
};

/// What is typed, in memory that is overwritten in the end.
class TypedLine {
public:
  ~TypedLine() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

  enum class State : unsigned char { typing, entered, given_up };

  State take(char c) {
    if (c == '\r' || c == '\n') return State::entered;
    if (c == ctrl_c || (c == ctrl_d && size_ == 0)) return State::given_up;
    if (c == backspace || c == rubout) {
      while (size_ > 0 && (static_cast<unsigned char>(bytes_[--size_]) & 0xC0U) == 0x80U) {
      }
    } else if (c == ctrl_u) {
      size_ = 0;
    } else if (size_ < bytes_.size()) {
      bytes_[size_++] = c;
    }
    return State::typing;
  }
  [[nodiscard]] Secret secret() const { return Secret({bytes_.data(), size_}); }

private:
  std::array<char, Secret::max_bytes + 1> bytes_{};
  std::size_t size_ = 0;
};

/// Nothing if it was given up, or a signal waits.
std::optional<Secret> read_silently(std::string_view prompt) {
  const HeldSignals signals;
  const SilentTerminal terminal; // first: what is typed at the prompt must not be lost
  if (!terminal.silent()) return std::nullopt;
  print_error(prompt);
  TypedLine line;
  while (true) {
    std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return std::nullopt;
    if (ready[1].revents != 0) return std::nullopt;
    if (ready[0].revents == 0) continue;
    char c = 0;
    if (::read(STDIN_FILENO, &c, 1) != 1) return std::nullopt;
    const TypedLine::State state = line.take(c);
    if (state == TypedLine::State::given_up) return std::nullopt;
    if (state == TypedLine::State::entered) return line.secret();
  }
}

std::optional<Secret> ask(const Input& input) {
  const std::string description = input.description.empty() ? std::string() : fmt::format(" ({})", input.description);
  while (true) {
    const std::optional<Secret> secret = read_silently(fmt::format("{}{}, not shown: ", input.name, description));
    print_error("\n");
    if (!secret) return std::nullopt;
    const auto why = flaw(*secret);
    if (!why) return secret;
    complain(fmt::format("that {}", *why));
  }
}

} // namespace

std::optional<Secrets> ask_for_secrets(const Plan& plan) {
  Secrets secrets;
  const bool somebody = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
  for (const Input& input : plan.secret_inputs()) {
    if (!input.required || plan.secrets().at(input.name).kind != SecretOrigin::Kind::given) continue;
    const auto secret = somebody ? ask(input) : std::nullopt;
    if (secret) {
      secrets.emplace(input.name, *secret);
      continue;
    }
    complain(fmt::format("the secret '{0}' is not given: say where it comes from with --secret {0}=env:NAME, "
                         "{0}=file:PATH or {0}=command:COMMAND, or start this on a terminal",
                         input.name));
    return std::nullopt;
  }
  return secrets;
}

} // namespace runbook::cli
