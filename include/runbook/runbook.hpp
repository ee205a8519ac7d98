// Everything but testing.hpp.
#pragma once

#include <runbook/answer.hpp>
#include <runbook/audit.hpp>
#include <runbook/decider.hpp>
#include <runbook/error.hpp>
#include <runbook/event.hpp>
#include <runbook/executor.hpp>
#include <runbook/expression.hpp>
#include <runbook/format.hpp>
#include <runbook/handler.hpp>
#include <runbook/handlers.hpp>
#include <runbook/lint.hpp>
#include <runbook/model.hpp>
#include <runbook/outcome.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>
#include <runbook/postgres.hpp>
#include <runbook/report.hpp>
#include <runbook/rollback_stack.hpp>
#include <runbook/secret.hpp>
#include <runbook/standing.hpp>
#include <runbook/store.hpp>
#include <runbook/system.hpp>
#include <runbook/terminal.hpp>
#include <runbook/value.hpp>
