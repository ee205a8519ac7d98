// What no part of the reader has taken: every block of code is accounted for, whatever the document looks like.
#pragma once

#include "markdown/context.hpp"
#include "markdown/sections.hpp"

namespace runbook::markdown {

/// Reports each block of code that is still unaccounted for, each fence that is never closed and each piece of HTML
/// that holds what looks like a fence.
void report_leftovers(const Context& context, const Document& document);

} // namespace runbook::markdown
