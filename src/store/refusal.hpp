// The words in which stores refuse, the same for each of them.
#pragma once

#include "names.hpp"
#include "printable.hpp"

#include <runbook/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace runbook::refusal {

inline Error no_run(std::string_view run) {
  return {errc::not_found, fmt::format("there is no run '{}'", printable(run)), {}};
}

inline Error no_output(std::string_view run, std::uint64_t seq) {
  return {errc::not_found, fmt::format("event {} of run '{}' is no output", seq, printable(run)), {}};
}

inline Error id_taken(std::string_view run) {
  return {errc::store_error, fmt::format("there is already a run '{}'", printable(run)), {}};
}

inline Error has_ended(std::string_view run, RunStatus status, std::string_view so = "cannot be taken over") {
  return {
      errc::invalid_argument, fmt::format("run '{}' has ended ({}) and {}", printable(run), name_of(status), so), {}};
}

inline Error went_on(std::string_view run) {
  return {errc::fenced, fmt::format("run '{}' has gone on meanwhile: somebody else owns it", printable(run)), {}};
}

inline Error takes_no_message(std::string_view run, RunStatus status) {
  return has_ended(run, status, "takes no messages");
}

inline Error fenced(std::string_view run, std::uint64_t own, std::uint64_t current) {
  return {errc::fenced,
          fmt::format("run '{}' was taken over by another owner (fence {}, this one's is {}): nothing was recorded",
                      printable(run), current, own),
          {}};
}

} // namespace runbook::refusal
