#include "process/own_proc.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace runbook::process {

bool proc_is_ours() {
  std::array<char, 32> text{};
  const ssize_t length = ::readlink("/proc/self", text.data(), text.size());
  return length > 0 && std::string_view(text.data(), static_cast<std::size_t>(length)) == std::to_string(::getpid());
}

bool proc_shows_descriptors() {
  return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 && proc_is_ours();
}

} // namespace runbook::process
