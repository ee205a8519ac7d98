#include <runbook/format.hpp>

#include <doctest/doctest.h>
