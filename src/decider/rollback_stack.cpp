#include <runbook/decider.hpp>

#include <exception>

namespace runbook {

RollbackStack::~RollbackStack() {
  static_cast<void>(unwind());
}

void RollbackStack::arm(std::string name, Undo undo) {
  stack_.arm(Entry{std::move(name), std::move(undo)});
}

void RollbackStack::commit() noexcept {
  while (!stack_.empty()) static_cast<void>(stack_.take());
}

namespace {

Result<void> run(const RollbackStack::Undo& undo) {
  try {
    return undo();
  } catch (const Exception& e) {
    return e.error();
  } catch (const std::exception& e) {
    return Error{errc::handler_failed, e.what(), {}};
  } catch (...) {
    return Error{errc::handler_failed, "the undo threw something that is no std::exception", {}};
  }
}

} // namespace

std::vector<RollbackStack::Failure> RollbackStack::unwind() {
  std::vector<Failure> failures;
  while (!stack_.empty()) {
    Entry entry = stack_.take();
    if (Result<void> result = run(entry.undo); !result) {
      failures.push_back(Failure{std::move(entry.name), std::move(result).error()});
    }
  }
  return failures;
}

} // namespace runbook
