// A limit of open files, for as long as it lives.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>

#include <stdexcept>

namespace runbook::testing {

class DescriptorLimit {
public:
  DescriptorLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

  /// No descriptor gets this number or a higher one.
  void set(int number) {
    const rlimit limit{static_cast<rlim_t>(number), before_.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) throw std::runtime_error("the limit of open files cannot be set");
  }
  /// So many more can be opened. Gives the number that none of them reaches.
  int leave(int count) {
    int number = 0;
    for (; count > 0; ++number) count -= ::fcntl(number, F_GETFD) < 0 ? 1 : 0;
    set(number);
    return number;
  }

private:
  rlimit before_{};
};

} // namespace runbook::testing
