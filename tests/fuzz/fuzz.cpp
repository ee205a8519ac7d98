// One fuzzer of libFuzzer for the target that the build names.
#include "targets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* const target =
      std::ranges::find(runbook::fuzz::targets, RUNBOOK_FUZZ_TARGET, &runbook::fuzz::Target::name);
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
