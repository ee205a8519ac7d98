// SHA-256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace runbook {

/// A digest that is computed as the bytes arrive.
class Sha256 {
public:
  Sha256();
  void update(std::string_view bytes);
  /// The digest in lower-case hex. Call once.
  [[nodiscard]] std::string hex();
  /// The digest as its 32 bytes. Call once, instead of `hex`.
  [[nodiscard]] std::string bytes();

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);

} // namespace runbook
