// What stands in front of the steps: title, metadata, inputs; and the links to related runbooks.
#pragma once

#include "markdown/context.hpp"
#include "markdown/metadata.hpp"
#include "markdown/sections.hpp"

namespace runbook::markdown {

/// The title heading, or what the front matter says if there is none.
void read_title(const Context& context, const Document& document, Runbook& book);

/// Lines `**Key**: value`, lists below such a key and a table of keys, in the part in front of the first section.
void read_metadata(const Context& context, const SectionPart& part, Metadata& metadata);

/// The items of the section Required Access.
void read_access(const Context& context, const SectionPart& part, Metadata& metadata);

/// Items "`name` (type, required | default `x`): Description. Pattern: `re`", and tables with a row for each input.
void read_inputs(const Context& context, const SectionPart& part, Runbook& book);

/// Every link in the section.
void read_related(const Context& context, const SectionPart& part, Runbook& book);

} // namespace runbook::markdown
