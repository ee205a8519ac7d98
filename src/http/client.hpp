// The real HTTP client, on an Asio event loop. libcurl is loaded when the first request starts.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>

namespace runbook {

/// Callbacks come on the thread that runs `io`. The client must not outlive it.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(boost::asio::io_context& io);

} // namespace runbook
