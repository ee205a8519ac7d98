// Taking up what an engine that has ended has started.
//
// What may be known, in the order in which it is looked at: nobody has claimed the name (then this does, for good); the
// end is on disk; the supervisor lives and tells; it has gone, and has put the end on disk just before.
#pragma once

#include "supervisor/connection.hpp"
#include "supervisor/folder.hpp"

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace runbook::supervisor {

/// The connection to a supervisor by its claim; null if it does not listen.
using Connect = std::function<std::shared_ptr<Connection>(const Claim&)>;

[[nodiscard]] Result<std::unique_ptr<Activity>> take_up(boost::asio::io_context& io, Folder& folder,
                                                        const Connect& connect, const std::string& key,
                                                        const ProcessSpec& spec, ProcessEvents events);

/// A connection of this process to where a supervisor of this user listens; none if none does.
[[nodiscard]] process::Descriptor connect_to(const Folder& folder, const std::string& socket);

} // namespace runbook::supervisor
