#include "supervisor/connection.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace runbook::supervisor {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Connection::Connection(boost::asio::io_context& io, process::Descriptor socket, std::string whose,
                       std::function<Error(const RemoteProgram&)> why_lost)
    : io_(io), socket_(io, socket.release()), whose_(std::move(whose)), why_lost_(std::move(why_lost)) {}

void Connection::begin() {
  write_hello(out_);
  flush();
  listen();
}

std::uint64_t Connection::add(const std::shared_ptr<RemoteProgram>& program) {
  const std::uint64_t id = next_id_++;
  programs_.emplace(id, program);
  program->belongs_to(shared_from_this(), id);
  return id;
}

void Connection::start(const std::shared_ptr<RemoteProgram>& program, const ProcessSpec& spec,
                       std::string_view directory, bool can_wait, bool wants_answer) {
  write_start(out_, add(program), program->key(), spec, directory, can_wait, wants_answer);
  flush();
}

void Connection::attach(const std::shared_ptr<RemoteProgram>& program) {
  write_key(out_, Type::attach, add(program), program->key());
  flush();
}

void Connection::stop(std::uint64_t id) {
  if (!is_open()) return;
  write_number(out_, Type::stop, id);
  flush();
}

void Connection::drop(std::uint64_t id) {
  if (programs_.erase(id) == 0 || !is_open()) return;
  write_number(out_, Type::drop, id);
  flush();
}

void Connection::forget(std::string_view key) {
  if (!is_open()) return;
  write_key(out_, Type::forget, 0, key);
  flush();
}

void Connection::flush() {
  while (is_open() && !writing_ && sent_ < out_.size()) {
    const ssize_t sent =
        ::send(socket_.native_handle(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      writing_ = true;
      socket_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                         [self = shared_from_this()](const auto& failure) {
                           self->writing_ = false;
                           if (!failure) self->flush();
                         });
      return;
    } else if (errno != EINTR) {
      break; // the supervisor is gone: reading says so
    }
  }
  if (writing_) return;
  ::explicit_bzero(out_.data(), out_.size());
  out_.clear();
  sent_ = 0;
}

void Connection::listen() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read, [self = shared_from_this()](const auto& failure) {
    if (failure || !self->is_open()) return;
    const bool more = self->receive();
    self->hear_all();
    if (!self->is_open() || self->refusal_) return;
    if (more) return self->listen();
    self->lose_all();
  });
}

bool Connection::receive() {
  const std::span<char> room = in_->room();
  const ssize_t got = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  in_->filled(static_cast<std::size_t>(got));
  return got > 0;
}

void Connection::hear_all() {
  while (is_open() && !refusal_) {
    // Whoever is told may wait for an answer: then both are replaced, and what is being told stays valid here.
    auto buffer = deferred_;
    auto frame = buffer->next();
    if (!frame) {
      buffer = in_;
      frame = buffer->next();
    }
    if (!frame) break;
    hear(*frame);
  }
  if (in_->broken()) garbled();
}

void Connection::hear(const Frame& frame) {
  if (!greeted_) return hear_hello(frame);
  if (frame.type == static_cast<std::uint8_t>(Type::staying)) {
    staying_ = true;
  } else {
    hear_of_program(frame);
  }
}

void Connection::hear_hello(const Frame& frame) {
  const auto version = read_hello(frame);
  if (!version) return garbled();
  greeted_ = *version == protocol_version;
  if (greeted_) return;
  refusal_ = Error{errc::exec_failed,
                   fmt::format("{} speaks version {} of its protocol, and this library version {}", whose_, *version,
                               protocol_version),
                   {}};
  lose_later();
}

void Connection::hear_of_program(const Frame& frame) {
  switch (static_cast<Type>(frame.type)) {
  case Type::output: {
    const auto message = read_output(frame.fields);
    if (!message) return garbled();
    if (const auto program = find(message->id)) program->output(message->stream, message->bytes);
    return;
  }
  case Type::lost: {
    const auto message = read_lost(frame.fields);
    if (!message) return garbled();
    if (const auto program = find(message->id)) program->lost(message->stream, message->size);
    return;
  }
  case Type::ended: {
    const auto message = read_end(frame.fields);
    if (!message) return garbled();
    const auto program = find(message->id);
    programs_.erase(message->id);
    if (program) program->ended(message->end);
    return;
  }
  case Type::started:
  case Type::attached:
  case Type::unknown: return; // nobody waits for it any more
  default: garbled();
  }
}

bool Connection::take_answer(const RemoteProgram& program, const Frame& frame) {
  using Answer = RemoteProgram::Answer;
  if (!greeted_) {
    hear_hello(frame);
    return true;
  }
  const auto type = static_cast<Type>(frame.type);
  if (type == Type::started || type == Type::attached || type == Type::unknown) {
    const auto id = read_number(frame.fields);
    const auto found = id ? find(*id) : nullptr;
    if (found.get() != &program) return found == nullptr;
    found->answer = type == Type::unknown ? Answer::unknown : Answer::yes;
    if (type == Type::unknown) programs_.erase(*id);
    return true;
  }
  if (type != Type::ended || program.answer != Answer::none) return false;
  auto message = read_end(frame.fields);
  const auto found = message ? find(message->id) : nullptr;
  if (found.get() != &program || !message->end.failure) return false;
  found->answer = Answer::failed;
  found->refusal = std::move(message->end.failure);
  programs_.erase(message->id);
  return true;
}

void Connection::await_answer(const RemoteProgram& program, milliseconds at_most) {
  const Deadline deadline = steady_clock::now() + at_most;
  in_ = in_->rest();
  deferred_ = deferred_->rest();
  while (is_open() && !refusal_ && program.answer == RemoteProgram::Answer::none) {
    if (const auto frame = in_->next()) {
      if (take_answer(program, *frame)) continue;
      Bytes copy;
      FieldWriter(copy).u32(static_cast<std::uint32_t>(frame->fields.size() + 1)).u8(frame->type);
      copy.insert(copy.end(), frame->fields.begin(), frame->fields.end());
      deferred_->append(view(copy));
      continue;
    }
    if (in_->broken() || !poll_until(POLLIN, deadline) || !receive()) break;
  }
  // What has been read already wakes nobody.
  boost::asio::post(io_, [self = shared_from_this()] {
    if (self->is_open()) self->hear_all();
  });
}

std::shared_ptr<RemoteProgram> Connection::find(std::uint64_t id) const {
  const auto found = programs_.find(id);
  return found == programs_.end() ? nullptr : found->second;
}

bool Connection::poll_until(short events, Deadline deadline) {
  const int number = socket_.native_handle();
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd socket{number, events, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void Connection::leave(milliseconds at_most) {
  if (!is_open()) return;
  const Deadline deadline = steady_clock::now() + at_most;
  const auto programs = programs_;
  for (const auto& [id, program] : programs) program->drop();
  while (sent_ < out_.size() && poll_until(POLLOUT, deadline)) {
    writing_ = false;
    flush();
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

bool Connection::ends(milliseconds at_most) {
  if (!is_open()) return true;
  const Deadline deadline = steady_clock::now() + at_most;
  bool more = true;
  while (more && !staying_ && poll_until(POLLIN, deadline)) {
    more = receive();
    hear_all();
  }
  close();
  return !more;
}

void Connection::garbled() {
  if (!is_open() || refusal_) return;
  refusal_ = Error{errc::in_doubt, fmt::format("{} says what no supervisor says", whose_), {}};
  lose_later();
}

/// Somebody may be waiting for an answer, before whose return nothing is reported.
void Connection::lose_later() {
  boost::asio::post(io_, [self = shared_from_this()] { self->lose_all(); });
}

void Connection::lose_all() {
  close();
  const auto programs = std::exchange(programs_, {});
  for (const auto& [id, program] : programs) program->failed(refusal_ ? *refusal_ : why_lost_(*program));
}

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

} // namespace runbook::supervisor
