// Values as PostgreSQL sends them in its binary form: what a statement is given and what its rows hold.
//
// Thread-safety: one thread at a time. Ownership: parameters refer to the bytes that they were given; rows own a
// result.
#pragma once

#include "store/postgres_library.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// The types whose arrays are sent, by the numbers that the server gives them.
enum class PostgresType : std::uint32_t { bytes = 17, integer = 20, text = 25 };

/// An array, element by element.
class PostgresArray {
public:
  PostgresArray(PostgresType type, std::size_t count);
  void add(std::int64_t value);
  void add(std::string_view bytes);
  void add_null();
  [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
  std::string bytes_;
};

/// The parameters of one execution of a statement.
class PostgresParameters {
public:
  PostgresParameters() = default;
  PostgresParameters(PostgresParameters&&) = default;
  PostgresParameters& operator=(PostgresParameters&&) = default;
  PostgresParameters(const PostgresParameters&) = delete; // it points into itself, at what a move leaves in its place
  PostgresParameters& operator=(const PostgresParameters&) = delete;
  ~PostgresParameters() = default;
  PostgresParameters& add(std::int64_t value);
  PostgresParameters& add(std::uint64_t value) { return add(static_cast<std::int64_t>(value)); }
  PostgresParameters& add(std::optional<std::int64_t> value) { return value ? add(*value) : add_null(); }
  /// Text or bytes, which must stay where they are until the statement was sent.
  PostgresParameters& add(std::string_view bytes);
  PostgresParameters& add(std::optional<std::string_view> bytes) { return bytes ? add(*bytes) : add_null(); }
  PostgresParameters& add(PostgresArray array);
  PostgresParameters& add_null();

  [[nodiscard]] int count() const noexcept { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

private:
  std::deque<std::string> own_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// What a statement brought.
class PostgresRows {
public:
  PostgresRows(const PostgresLibrary& pq, PGresult* result) : pq_(&pq), result_(result, pq.clear) {}

  [[nodiscard]] PGresult* result() const noexcept { return result_.get(); }
  [[nodiscard]] int count() const { return pq_->ntuples(result_.get()); }
  [[nodiscard]] bool empty() const { return count() == 0; }
  /// How many rows it has written.
  [[nodiscard]] std::uint64_t affected() const;
  [[nodiscard]] bool is_null(int row, int column) const { return pq_->getisnull(result_.get(), row, column) != 0; }
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  [[nodiscard]] std::uint64_t number(int row, int column) const {
    return static_cast<std::uint64_t>(integer(row, column));
  }
  /// Valid as long as the rows are.
  [[nodiscard]] std::string_view bytes(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const { return std::string(bytes(row, column)); }

private:
  const PostgresLibrary* pq_;
  std::unique_ptr<PGresult, decltype(&::PQclear)> result_;
};

} // namespace runbook
