// A program that has ended, told from what its supervisor has left on disk.
#pragma once

#include "supervisor/folder.hpp"

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace runbook::supervisor {

/// Reports it from the event loop, as if it went on and ended then. Fails at once if it was never started.
[[nodiscard]] Result<std::unique_ptr<Activity>> replay(boost::asio::io_context& io, const Folder& folder,
                                                       const std::string& key, EndRecord record, ProcessEvents events);

} // namespace runbook::supervisor
