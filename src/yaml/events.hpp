// YAML text as a stream of events: what libyaml finds, with places as byte offsets and problems in plain words.
//
// libyaml and not yaml-cpp: it does not recurse, refuses what yaml-cpp reads as null (`[a, , b]`), knows where values
// end, and takes a fifth of the time.
//
// Ownership: refers to the text, which must outlive it. Thread-safety: belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <yaml.h>

namespace runbook::yaml {

/// What is wrong with the text.
struct Problem {
  std::size_t begin = 0; ///< in bytes
  std::size_t end = 0;
  std::string what;
  std::string hint;
};

class Events {
public:
  /// The text is valid UTF-8.
  explicit Events(std::string_view text);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// Goes on to the next event. False if there is none because of a problem.
  bool next();

  [[nodiscard]] const yaml_event_t& event() const noexcept { return event_; }
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; } ///< of the event, in bytes
  [[nodiscard]] std::size_t end() const noexcept { return end_; }
  [[nodiscard]] Problem& problem() noexcept { return problem_; }

private:
  std::size_t offset_of(const yaml_mark_t& mark);
  void explain();

  std::string_view text_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t characters_ = 0; ///< up to `bytes_`: where the last mark was
  std::size_t bytes_ = 0;
  Problem problem_;
};

} // namespace runbook::yaml
