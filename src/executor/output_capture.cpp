#include "executor/output_capture.hpp"

#include <algorithm>

namespace runbook {

void OutputCapture::add(std::string_view bytes) {
  size_ += bytes.size();
  if (lost_) return;
  const std::size_t room = cap_ - std::min(cap_, kept_.size());
  if (!overflow_ && bytes.size() > room) {
    overflow_.emplace();
    overflow_->update(kept_);
  }
  if (overflow_) overflow_->update(bytes);
  kept_.append(bytes.substr(0, room));
}

void OutputCapture::lose(std::uint64_t size) {
  size_ += size;
  lost_ = true;
}

std::string OutputCapture::digest() {
  if (lost_) return {};
  return overflow_ ? overflow_->hex() : sha256_hex(kept_);
}

} // namespace runbook
