// Reading back what `Plan::stored_document` made.
#pragma once

#include <runbook/event.hpp>
#include <runbook/model.hpp>

#include <string>
#include <vector>

namespace runbook {

/// The documents that the runbook's steps run, each once.
[[nodiscard]] std::vector<std::string> paths_of_runbooks(const Runbook& runbook);

/// The runbook of a run. `languages`: see `ParseOptions::handler_languages`.
[[nodiscard]] Result<Runbook> read_stored_document(const RunHeader& header, const std::string& stored,
                                                   const std::vector<std::string>& languages);

} // namespace runbook
