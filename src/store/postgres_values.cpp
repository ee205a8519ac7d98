#include "store/postgres_values.hpp"

#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <utility>

namespace runbook {

namespace {

/// The most significant byte first.
template <class Integer>
void put(std::string& bytes, Integer value) {
  const auto number = static_cast<std::uint64_t>(value);
  for (std::size_t left = sizeof value; left-- > 0;) bytes += static_cast<char>((number >> (8 * left)) & 0xffU);
}

int size_of(std::string_view bytes) {
  if (bytes.size() > std::size_t{std::numeric_limits<int>::max()}) {
    throw std::length_error("more than 2 GiB do not fit into a value of PostgreSQL");
  }
  return static_cast<int>(bytes.size());
}

} // namespace

PostgresArray::PostgresArray(PostgresType type, std::size_t count) {
  put(bytes_, std::int32_t{1}); // dimensions
  put(bytes_, std::int32_t{1}); // there may be nulls
  put(bytes_, static_cast<std::uint32_t>(type));
  put(bytes_, static_cast<std::int32_t>(count));
  put(bytes_, std::int32_t{1}); // the first index
}

void PostgresArray::add(std::int64_t value) {
  put(bytes_, std::int32_t{sizeof value});
  put(bytes_, value);
}

void PostgresArray::add(std::string_view bytes) {
  put(bytes_, std::int32_t{size_of(bytes)});
  bytes_ += bytes;
}

void PostgresArray::add_null() {
  put(bytes_, std::int32_t{-1});
}

PostgresParameters& PostgresParameters::add(std::int64_t value) {
  std::string bytes;
  put(bytes, value);
  return add(std::string_view(own_.emplace_back(std::move(bytes))));
}

PostgresParameters& PostgresParameters::add(std::string_view bytes) {
  lengths_.push_back(size_of(bytes));
  values_.push_back(bytes.data() == nullptr ? "" : bytes.data()); // a null pointer would be NULL
  formats_.push_back(1);
  return *this;
}

PostgresParameters& PostgresParameters::add(PostgresArray array) {
  return add(std::string_view(own_.emplace_back(array.take())));
}

PostgresParameters& PostgresParameters::add_null() {
  lengths_.push_back(0);
  values_.push_back(nullptr);
  formats_.push_back(1);
  return *this;
}

std::uint64_t PostgresRows::affected() const {
  return std::strtoull(pq_->cmd_tuples(result_.get()), nullptr, 10);
}

std::int64_t PostgresRows::integer(int row, int column) const {
  std::uint64_t number = 0;
  for (const char byte : bytes(row, column)) number = number << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

std::string_view PostgresRows::bytes(int row, int column) const {
  return {pq_->getvalue(result_.get(), row, column),
          static_cast<std::size_t>(pq_->getlength(result_.get(), row, column))};
}

} // namespace runbook
