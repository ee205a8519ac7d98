// Secrets: values that whoever starts a run has, that steps may use, and that nothing shows.
//
// A `Secret` has no way into text, JSON or a stream but `reveal`. Its memory is overwritten when the last owner lets go
// of it.
//
// Ownership: copies of a `Secret` share its bytes. Thread-safety: immutable.
#pragma once

#include <runbook/error.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

class RUNBOOK_EXPORT Secret {
public:
  /// Shorter ones are refused: masking them would mask half of every text.
  static constexpr std::size_t min_characters = 4;
  static constexpr std::size_t max_bytes = std::size_t{16} * 1024;

  /// No secret.
  Secret() = default;
  /// A copy of the bytes, which stay where they are.
  explicit Secret(std::string_view bytes);
  /// Takes the text over and overwrites it where it was.
  [[nodiscard]] static Secret take(std::string&& text);

  /// The bytes; valid as long as an owner is left. Copies that are made of them are the caller's to overwrite.
  [[nodiscard]] std::string_view reveal() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return reveal().empty(); }

private:
  struct Bytes;
  std::shared_ptr<const Bytes> bytes_;
};

/// Secrets by the name of their input.
using Secrets = std::map<std::string, Secret, std::less<>>;

/// Why the bytes cannot be a secret: too short, too long, or with a NUL, which no program can be given. The words do
/// not show them.
[[nodiscard]] RUNBOOK_EXPORT std::optional<std::string> flaw(const Secret& secret);

/// Where a secret comes from.
struct SecretOrigin {
  enum class Kind : std::uint8_t {
    given,   ///< whoever starts the run hands it over
    env,     ///< the host's environment variable `name`
    file,    ///< the content of the file `name`, without line breaks at its end
    command, ///< what `sh -c name` prints, without line breaks at its end
  };
  Kind kind = Kind::given;
  std::string name{};

  friend bool operator==(const SecretOrigin&, const SecretOrigin&) = default;
};

/// Reads `env:NAME`, `file:PATH` or `command:COMMAND`; nothing if it is none of them.
[[nodiscard]] RUNBOOK_EXPORT std::optional<SecretOrigin> parse_secret_origin(std::string_view text);
/// As it is written; empty for `given`.
[[nodiscard]] RUNBOOK_EXPORT std::string to_string(const SecretOrigin& origin);

/// Origins by the name of their input.
using SecretOrigins = std::map<std::string, SecretOrigin, std::less<>>;

} // namespace runbook
