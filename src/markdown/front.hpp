// What stands in front of the steps: title, metadata, inputs; and the links to related runbooks.
#pragma once

#include "markdown/context.hpp"
#include "markdown/sections.hpp"

namespace runbook::markdown {

void read_title(const Context& context, const Document& document, Runbook& book);

/// Lines `**Key**: value` of the part in front of the first section.
void read_metadata(const Context& context, const SectionPart& part, Runbook& book);

/// Items "`name` (type, required | default `x`): Description. Pattern: `re`".
void read_inputs(const Context& context, const SectionPart& part, Runbook& book);

/// Every link in the section.
void read_related(const Context& context, const SectionPart& part, Runbook& book);

} // namespace runbook::markdown
