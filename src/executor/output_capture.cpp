#include "executor/output_capture.hpp"

#include <algorithm>

namespace runbook {

void OutputCapture::add(std::string_view bytes) {
  size_ += bytes.size();
  const std::size_t room = cap_ - std::min(cap_, kept_.size());
  if (!overflow_ && bytes.size() > room) {
    overflow_.emplace();
    overflow_->update(kept_);
  }
  if (overflow_) overflow_->update(bytes);
  kept_.append(bytes.substr(0, room));
}

std::string OutputCapture::digest() {
  return overflow_ ? overflow_->hex() : sha256_hex(kept_);
}

} // namespace runbook
