// The rollback stack for code that is no runbook.
#include <runbook/decider.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace runbook;

TEST_CASE("rollback stack: unwinds newest first and keeps going after failures") {
  std::string order;
  RollbackStack stack;
  stack.arm("a", [&]() -> Result<void> { return order += 'a', Result<void>(); });
  stack.arm("b", [&]() -> Result<void> { throw std::runtime_error("no"); });
  stack.arm("c", [&]() -> Result<void> { return order += 'c', Result<void>(); });
  const auto failures = stack.unwind();
  CHECK(order == "ca");
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].name == "b");
  CHECK(failures[0].error.message == "no");
  CHECK(stack.unwind().empty());
}

TEST_CASE("rollback stack: leaving the scope unwinds unless committed") {
  int undone = 0;
  {
    RollbackStack stack;
    stack.arm("a", [&]() -> Result<void> { return ++undone, Result<void>(); });
  }
  CHECK(undone == 1);
  {
    RollbackStack stack;
    stack.arm("a", [&]() -> Result<void> { return ++undone, Result<void>(); });
    stack.commit();
  }
  CHECK(undone == 1);
}
