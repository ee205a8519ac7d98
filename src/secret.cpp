#include <runbook/secret.hpp>

#include "markdown/text.hpp"
#include "names.hpp"
#include "secret/wiping.hpp"
#include "utf8.hpp"

#include <fmt/format.h>

namespace runbook {

struct Secret::Bytes {
  WipingVector<char> text;
};

Secret::Secret(std::string_view bytes) {
  if (bytes.empty()) return;
  auto copy = std::make_shared<Bytes>();
  copy->text.assign(bytes.begin(), bytes.end());
  bytes_ = std::move(copy);
}

Secret Secret::take(std::string&& text) {
  Secret secret{std::string_view(text)};
  wipe(text);
  return secret;
}

std::string_view Secret::reveal() const noexcept {
  return bytes_ ? std::string_view(bytes_->text.data(), bytes_->text.size()) : std::string_view();
}

std::optional<std::string> flaw(const Secret& secret) {
  const std::string_view bytes = secret.reveal();
  const bool is_text = find_invalid_utf8(bytes) == std::string_view::npos;
  const std::size_t characters = is_text ? count_code_points(bytes) : bytes.size();
  if (characters < Secret::min_characters) {
    return fmt::format("is shorter than {} characters and could not be masked in what steps print",
                       Secret::min_characters);
  }
  if (bytes.size() > Secret::max_bytes) return fmt::format("is longer than {} bytes", Secret::max_bytes);
  if (bytes.find('\0') != std::string_view::npos) return "holds a NUL byte, which no program can be given";
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return "is nothing but blanks";
  return std::nullopt;
}

std::optional<SecretOrigin> parse_secret_origin(std::string_view text) {
  text = markdown::trim(text);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind = enum_from<SecretOrigin::Kind>(markdown::lower(text.substr(0, colon)));
  const std::string_view name = markdown::trim(text.substr(colon + 1));
  if (!kind || *kind == SecretOrigin::Kind::given || name.empty()) return std::nullopt;
  return SecretOrigin{*kind, std::string(name)};
}

std::string to_string(const SecretOrigin& origin) {
  if (origin.kind == SecretOrigin::Kind::given) return {};
  return fmt::format("{}:{}", name_of(origin.kind), origin.name);
}

} // namespace runbook
