// How much processor time something takes: unlike the wall's clock, it does not depend on what else the machine does.
#pragma once

#include <chrono>
#include <ctime>

namespace runbook_test {

template <class Function>
std::chrono::duration<double> cpu_time(const Function& function) {
  const std::clock_t begin = std::clock();
  function();
  return std::chrono::duration<double>(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
}

} // namespace runbook_test
