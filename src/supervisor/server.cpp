#include "supervisor/server.hpp"

#include "executor/owner.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace runbook::supervisor {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds reaping_pause{1000};
constexpr milliseconds accepting_pause{100};

bool is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

/// host:pid:start:boot becomes PID-START.
std::string short_name(std::string_view owner) {
  const std::size_t boot = owner.rfind(':');
  const std::size_t start = owner.rfind(':', boot - 1);
  const std::size_t pid = owner.rfind(':', start - 1);
  return fmt::format("{}-{}", owner.substr(pid + 1, start - pid - 1), owner.substr(start + 1, boot - start - 1));
}

} // namespace

Server::Server(Folder folder, milliseconds idle)
    : folder_(std::move(folder)), idle_(idle), owner_(process_name()), claims_(short_name(owner_) + ".claims"),
      runner_(make_process_runner(io_)), around_{io_, *runner_, folder_, [this] { return leaders(); },
                                                 [this] { boost::asio::post(io_, [this] { look_around(); }); }} {}

void Server::run(process::Descriptor engine) {
  open_socket();
  await_stop();
  await_kill();
  add(std::move(engine));
  io_.run();
  if (!socket_name_.empty()) folder_.remove(socket_name_);
  folder_.remove(claims_);
}

void Server::open_socket() {
  const std::string name = short_name(owner_) + ".socket";
  const std::string path = folder_.address_of(name);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  process::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    return;
  }
  listener_.assign(socket.release());
  socket_name_ = name;
  await_engines();
}

void Server::await_engines() {
  listener_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const auto& failure) {
    if (!failure) accept_engines();
  });
}

void Server::accept_engines() {
  while (true) {
    process::Descriptor socket(::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) break;
    if (is_ours(socket.get())) add(std::move(socket));
  }
  if (errno == EAGAIN) return await_engines();
  accept_timer_.expires_after(accepting_pause); // too many files are open
  accept_timer_.async_wait([this](const auto& failure) {
    if (!failure) await_engines();
  });
}

void Server::add(process::Descriptor socket) {
  const auto link = std::make_shared<EngineLink>(
      io_, std::move(socket),
      EngineLink::Events{[this](const auto& from, const Frame& frame) { return hear(from, frame); },
                         [this](const auto& from) { leave(from); }});
  links_.push_back(link);
  write_hello(link->words());
  link->announce();
  link->begin();
}

bool Server::greet(EngineLink& link, const Frame& frame) {
  link.greeted = read_hello(frame) == protocol_version;
  return link.greeted;
}

bool Server::hear(const std::shared_ptr<EngineLink>& link, const Frame& frame) {
  if (!link->greeted) return greet(*link, frame);
  const auto with_number = [&](void (Program::*act)()) {
    const auto id = read_number(frame.fields);
    if (!id) return false;
    if (Program* program = find(*link, *id)) (program->*act)();
    return true;
  };
  switch (static_cast<Type>(frame.type)) {
  case Type::start: return start(link, frame.fields);
  case Type::stop: return with_number(&Program::stop);
  case Type::drop:
    if (!with_number(&Program::drop)) return false;
    numbers_[link.get()].erase(*read_number(frame.fields));
    return true;
  case Type::attach: return attach(link, frame.fields);
  case Type::forget: return forget(frame.fields);
  default: return false;
  }
}

void Server::refuse(EngineLink& link, std::uint64_t id, Error error) {
  write_end(link.words(), id, {std::move(error), {}});
  link.announce();
}

bool Server::start(const std::shared_ptr<EngineLink>& link, std::string_view fields) {
  auto message = read_start(fields);
  if (!message) return false;
  const int error = folder_.link_claim(message->key, claims_, {owner_, socket_name_, {}});
  if (error != 0) {
    for (std::string& variable : message->spec.environment) wipe(variable);
    const bool claimed = error == EEXIST;
    refuse(*link, message->id,
           {claimed ? errc::in_doubt : errc::exec_failed,
            claimed ? fmt::format("'{}' was started or given up under this name before: it is not started again",
                                  message->spec.name)
                    : fmt::format("cannot start '{}': the supervisor cannot write into '{}': {}", message->spec.program,
                                  folder_.path(), std::generic_category().message(error)),
            {}});
    return true;
  }
  const auto program = std::make_shared<Program>(around_, message->key);
  programs_.insert_or_assign(message->key, program);
  numbers_[link.get()].insert_or_assign(message->id, program);
  if (reap_timer_.expiry() <= std::chrono::steady_clock::now()) reap_by_and_by();
  program->launch(*message, link);
  return true;
}

bool Server::attach(const std::shared_ptr<EngineLink>& link, std::string_view fields) {
  const auto message = read_key(fields);
  if (!message) return false;
  const auto found = programs_.find(std::string(message->key));
  if (found == programs_.end()) {
    write_number(link->words(), Type::unknown, message->id);
    link->announce();
    return true;
  }
  const auto program = found->second;
  if (program->link() != nullptr) numbers_[program->link()].erase(program->id());
  program->give_to(link, message->id);
  numbers_[link.get()].insert_or_assign(message->id, program);
  return true;
}

bool Server::forget(std::string_view fields) {
  const auto message = read_key(fields);
  if (!message) return false;
  const auto found = programs_.find(std::string(message->key));
  if (found == programs_.end()) {
    folder_.forget(message->key); // of a supervisor before this one, or that gave it up
    return true;
  }
  const auto program = found->second;
  program->forget();
  if (program->has_ended()) {
    if (program->link() != nullptr) numbers_[program->link()].erase(program->id());
    programs_.erase(found);
  }
  return true;
}

Program* Server::find(const EngineLink& link, std::uint64_t id) {
  const auto numbers = numbers_.find(&link);
  if (numbers == numbers_.end()) return nullptr;
  const auto found = numbers->second.find(id);
  if (found == numbers->second.end()) return nullptr;
  const auto program = found->second.lock();
  return program && program->link() == &link ? program.get() : nullptr;
}

void Server::leave(const std::shared_ptr<EngineLink>& link) {
  links_.remove(link);
  numbers_.erase(link.get());
  if (link->is_open()) leaving_.push_back(link);
  for (const auto& [key, program] : programs_) {
    if (program->link() == link.get()) program->leave();
  }
  look_around();
}

std::vector<pid_t> Server::leaders() const {
  std::vector<pid_t> leaders;
  for (const auto& [key, program] : programs_) {
    if (program->pid() > 0) leaders.push_back(program->pid());
  }
  return leaders;
}

void Server::await_stop() {
  stop_signal_.add(SIGTERM);
  stop_signal_.async_wait([this](const auto& failure, int) {
    if (failure) return;
    asked_to_end_ = true;
    await_stop();
    look_around();
  });
}

// From an engine whose own thread may hang: what it has started must not go on.
void Server::await_kill() {
  kill_signal_.add(SIGUSR1);
  kill_signal_.async_wait([this](const auto& failure, int) {
    if (failure) return;
    const auto programs = programs_; // one that ends may leave them
    for (const auto& [key, program] : programs) program->kill();
    await_kill();
  });
}

void Server::reap_by_and_by() {
  reap_timer_.expires_after(reaping_pause);
  reap_timer_.async_wait([this](const auto& failure) {
    if (failure) return;
    reap_orphans(leaders());
    reap_by_and_by();
  });
}

void Server::look_around() {
  std::erase_if(programs_, [](const auto& entry) { return entry.second->is_done(); });
  const bool gone = folder_.is_gone(); // with it, every way of asking for what could not be recorded
  const bool busy = std::ranges::any_of(programs_, [gone](const auto& entry) {
    return !entry.second->has_ended() || !(entry.second->is_recorded() || gone);
  });
  if (busy || !links_.empty()) {
    idle_timer_.cancel();
    waits_ = false;
  } else if (programs_.empty() || asked_to_end_ || gone) {
    return io_.stop();
  } else if (!waits_) {
    wait_idly();
  }
  // What was dropped is about to end, and this process with it.
  const bool ending =
      links_.empty() && std::ranges::all_of(programs_, [](const auto& entry) { return entry.second->is_dropped(); });
  if (!ending) say_staying();
}

void Server::wait_idly() {
  waits_ = true;
  idle_timer_.expires_after(idle_);
  idle_timer_.async_wait([this](const auto& failure) {
    if (!failure && waits_) io_.stop();
  });
}

void Server::say_staying() {
  for (const auto& link : leaving_) {
    write_number(link->words(), Type::staying, 0);
    link->close();
  }
  leaving_.clear();
}

} // namespace runbook::supervisor
