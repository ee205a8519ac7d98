#include "supervisor/program.hpp"

#include "supervisor/hunt.hpp"

#include <algorithm>

namespace runbook::supervisor {

namespace {

using std::chrono::milliseconds;

/// What an engine has not taken yet of a program's words before that is held back, and of what is replayed at once.
constexpr std::size_t most_unheard = std::size_t{1024} * 1024;
constexpr std::size_t replayed_at_once = std::size_t{256} * 1024;
/// An engine that lives has the end in its journal by then.
constexpr milliseconds patience_with_engine{50};
constexpr milliseconds next_attempt{1000};

/// What the program starts inherits it.
void put_mark(std::vector<std::string>& environment, std::string_view key) {
  const std::string name = std::string(mark) + "=";
  std::erase_if(environment, [&](const std::string& variable) { return variable.starts_with(name); });
  environment.push_back(name + std::string(key));
}

} // namespace

ProcessEvents Program::events(bool can_wait) {
  const auto self = shared_from_this();
  ProcessEvents events{.on_output = [self](Stream stream, std::string_view bytes) { self->take_output(stream, bytes); },
                       .on_exit = [self](ProcessExit exit) { self->exited(exit); },
                       .on_result =
                           [self](std::string_view bytes, std::uint64_t size) {
                             self->has_result_ = true;
                             self->result_size_ = size;
                             self->result_.assign(bytes.begin(), bytes.end());
                           }};
  if (can_wait) events.on_failed = [self](Error error) { self->finish(std::move(error), {}); };
  return events;
}

void Program::launch(StartMessage& message, const std::shared_ptr<EngineLink>& link) {
  ProcessSpec& spec = message.spec;
  link_ = link;
  id_ = message.id;
  live_ = true;
  grace_ = spec.grace;
  settle_ = spec.settle;
  confidential_ = spec.confidential;
  kept_.emplace(around_.folder.descriptor(), key_ + ".out", confidential_);
  put_mark(spec.environment, key_);
  auto activity = around_.runner.start(spec, events(message.can_wait));
  for (std::string& variable : spec.environment) wipe(variable);
  if (!activity) return finish(activity.error(), {});
  // The in-process runner gives nothing else.
  activity_.reset(static_cast<ProcessActivity*>(activity->release()));
  if (!message.wants_answer) return;
  write_number(words_, Type::started, id_);
  announce();
}

void Program::take_output(Stream stream, std::string_view bytes) {
  kept_->add(stream, bytes);
  if (link_ && live_) {
    write_output(words_, id_, stream, bytes);
    announce();
  }
  balance();
}

void Program::balance() {
  if (!activity_) return;
  const std::uint64_t unheard = live_ ? words_.size() : kept_->end().offset - heard_.offset;
  activity_->hold_output(link_ && unheard > most_unheard);
}

void Program::exited(ProcessExit exit) {
  if (!stopping_) return finish({}, exit);
  activity_.reset();
  const auto others = [&around = around_] { return around.leaders(); };
  const auto hunt = std::make_shared<Hunt>(around_.io, Hunt::Target{key_, std::move(known_), grace_, settle_}, others);
  hunt->begin([self = shared_from_this(), exit] { self->finish({}, exit); });
}

void Program::finish(std::optional<Error> failure, ProcessExit exit) {
  activity_.reset();
  end_ = End{std::move(failure), exit, has_result_, result_size_, std::move(result_)};
  if (link_ && live_) tell_end();
  if (!link_) record();
  around_.changed();
}

void Program::tell_end() {
  write_end(words_, id_, *end_);
  announce();
  record_after(patience_with_engine);
}

void Program::announce() {
  if (announced_ || !link_) return;
  announced_ = true;
  link_->announce(weak_from_this());
}

bool Program::speak(Bytes& to) {
  announced_ = false;
  if (!live_) replay();
  to.swap(words_);
  balance();
  announced_ = !live_;
  return !live_;
}

void Program::replay() {
  while (words_.size() < replayed_at_once) {
    const auto piece = kept_->next(heard_);
    if (!piece) {
      live_ = true;
      if (end_) tell_end();
      return;
    }
    if (piece->lost > 0) write_lost(words_, id_, piece->stream, piece->lost);
    if (!piece->bytes.empty()) write_output(words_, id_, piece->stream, piece->bytes);
  }
}

void Program::give_to(const std::shared_ptr<EngineLink>& link, std::uint64_t id) {
  if (link_) {
    write_end(link_->words(), id_, {Error{errc::in_doubt, "another engine has taken the program up", {}}, {}});
    link_->announce();
  }
  link_ = link;
  id_ = id;
  dropped_ = false;
  words_.clear();
  announced_ = false;
  live_ = false;
  heard_ = {};
  // The end of what was never started is the answer itself.
  if (!end_ || !end_->failure) write_number(words_, Type::attached, id_);
  announce();
  balance();
}

void Program::leave() {
  link_.reset();
  words_.clear();
  live_ = false;
  announced_ = false;
  balance();
  if (end_) record();
}

void Program::note_family() {
  if (!activity_ || activity_->pid() < 0) return;
  for (const Known& process : family_of(activity_->pid())) {
    if (std::ranges::count(known_, process) == 0) known_.push_back(process);
  }
}

void Program::stop() {
  if (!activity_) return;
  stopping_ = true;
  note_family();
  activity_->stop();
}

void Program::kill() {
  if (!activity_) return;
  stopping_ = true;
  note_family();
  grace_ = milliseconds{0};
  activity_->kill();
}

void Program::drop() {
  dropped_ = true;
  leave();
  if (!activity_) return around_.changed();
  kill();
}

void Program::forget() {
  forgotten_ = true;
  if (!end_) return;
  end_timer_.cancel();
  if (recording_) return around_.folder.forget(key_);
  if (kept_->in_file()) around_.folder.remove(key_ + ".out");
  around_.folder.remove(key_ + ".claim");
}

void Program::record_after(milliseconds time) {
  end_timer_.expires_after(time);
  end_timer_.async_wait([self = shared_from_this()](const auto& failure) {
    if (!failure) self->record();
  });
}

void Program::record() {
  if (forgotten_) return forget();
  if (recorded_) return;
  recording_ = true;
  EndRecord record{
      {end_->failure, end_->exit, end_->has_result, end_->result_size, end_->result}, confidential_, kept_->summary()};
  const int unsynced = kept_->sync();
  recorded_ = unsynced == 0 && around_.folder.write_end(key_, record) == 0;
  if (!recorded_) record_after(next_attempt);
  around_.changed();
}

} // namespace runbook::supervisor
