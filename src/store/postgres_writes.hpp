// Creating runs, taking them over and leaving messages in a PostgreSQL store.
//
// Each of these carries a mark, random bytes that the store keeps: when the connection broke before the answer came,
// the mark tells whether it was recorded.
//
// Thread-safety: plain functions.
#pragma once

#include "store/postgres_link.hpp"

#include <runbook/store.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace runbook {

/// A run's status out of its row. Throws `Exception` if it is none.
[[nodiscard]] RunStatus postgres_status(const PostgresConnection& connection, std::string_view word);

[[nodiscard]] Result<std::unique_ptr<Journal>> create_run(const std::shared_ptr<PostgresLink>& link,
                                                          std::string_view document, std::span<const Event> events);

[[nodiscard]] Result<std::unique_ptr<Journal>> claim_run(const std::shared_ptr<PostgresLink>& link,
                                                         const std::string& run, const Claimed& owner,
                                                         std::chrono::system_clock::time_point now,
                                                         std::uint64_t last_seq);

[[nodiscard]] Result<std::uint64_t> post_message(PostgresLink& link, const std::string& run, const Message& message);

} // namespace runbook
