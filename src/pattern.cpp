#include "pattern.hpp"

#include "printable.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

namespace runbook {

namespace {

constexpr std::int64_t max_memory = std::int64_t{1} << 20; ///< bytes, for a compiled pattern and what matching caches
constexpr std::size_t shown = 80;                          ///< code points, of what RE2 says

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false); // a library does not print
  options.set_max_mem(max_memory);
  return options;
}

} // namespace

std::optional<Pattern> Pattern::compile(std::string_view text, std::string& why) {
  if (text.size() > max_text) {
    why = fmt::format("it has {} bytes; at most {} are allowed", text.size(), max_text);
    return std::nullopt;
  }
  auto regex = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options());
  if (!regex->ok()) {
    why = regex->error_code() == re2::RE2::ErrorPatternTooLarge ? "it is too large"
                                                                : printable_excerpt(regex->error(), shown);
    return std::nullopt;
  }
  return Pattern(std::move(regex));
}

Pattern::Pattern(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
std::string Pattern::quoted(std::string_view text) {
  return re2::RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

std::size_t Pattern::size() const {
  return static_cast<std::size_t>(regex_->ProgramSize());
}

} // namespace runbook
