// libcurl's easy handles, kept for the next transfer: to make one and to free it costs as much as all else that is done
// for a request.
//
// Ownership: shared between the client and its exchanges; a handle goes back to its pool, or is freed with it.
// Thread-safety: none; used on the loop's thread.
#pragma once

#include "http/curl_library.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace runbook::http {

class EasyPool : public std::enable_shared_from_this<EasyPool> {
public:
  /// Gives a handle back.
  struct Return {
    std::shared_ptr<EasyPool> pool;
    void operator()(CURL* easy) const { pool->put(easy); }
  };
  using Handle = std::unique_ptr<CURL, Return>;

  explicit EasyPool(const CurlLibrary& curl) : curl_(curl) {}

  /// A handle without any options, or null if memory is out. What it remembers of former transfers is nothing that
  /// another may not see, as long as `set_safe_defaults` is applied: connections and names are kept by the multi
  /// handle.
  [[nodiscard]] Handle take() {
    CURL* easy = nullptr;
    if (idle_.empty()) {
      easy = curl_.easy_init();
    } else {
      easy = idle_.back().release();
      idle_.pop_back();
    }
    return Handle{easy, Return{shared_from_this()}};
  }

private:
  static constexpr std::size_t most_idle = 128;

  void put(CURL* easy) {
    Idle owned{easy, curl_.easy_cleanup};
    if (idle_.size() == most_idle) return;
    curl_.easy_reset(easy); // holds on to nothing of the transfer
    idle_.push_back(std::move(owned));
  }

  using Idle = std::unique_ptr<CURL, decltype(CurlLibrary::easy_cleanup)>;

  const CurlLibrary& curl_;
  std::vector<Idle> idle_;
};

} // namespace runbook::http
