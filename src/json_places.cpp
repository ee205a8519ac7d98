#include "json_text.hpp"

#include <vector>

namespace runbook {

namespace {

std::uint32_t narrow(std::size_t offset) noexcept {
  return static_cast<std::uint32_t>(offset); // documents are far smaller than 4 GiB
}

/// Walks over valid JSON text and notes where each value starts and ends.
class Locator {
public:
  explicit Locator(std::string_view text) : text_(text) {}

  ValuePlaces run() {
    while (at_ < text_.size()) step();
    return std::move(places_);
  }

private:
  void step() {
    const char c = text_[at_];
    switch (c) {
    case '{':
    case '[':
      open_.push_back(start());
      key_comes_ = c == '{';
      ++at_;
      break;
    case '}':
    case ']':
      ++at_;
      finish(open_.back());
      open_.pop_back();
      key_comes_ = false;
      break;
    case '"': string(); break;
    case ',':
      key_comes_ = text_[places_[open_.back()].begin] == '{';
      ++at_;
      break;
    case ':':
    case ' ':
    case '\t':
    case '\r':
    case '\n': ++at_; break;
    default: word();
    }
  }

  std::size_t start() {
    const std::uint32_t at = narrow(at_);
    places_.push_back({has_key_ ? narrow(key_) : at, at, at, at, 0});
    has_key_ = false;
    return places_.size() - 1;
  }

  void finish(std::size_t index) {
    places_[index].end = narrow(at_);
    places_[index].next = narrow(places_.size());
  }

  void string() {
    if (key_comes_) {
      key_ = at_;
      has_key_ = true;
      key_comes_ = false;
      return skip_string();
    }
    const std::size_t index = start();
    ++places_[index].content;
    skip_string();
    finish(index);
  }

  void skip_string() {
    ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    ++at_;
  }

  /// A number, true, false or null.
  void word() {
    const std::size_t index = start();
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    finish(index);
  }

  std::string_view text_;
  ValuePlaces places_;
  std::vector<std::size_t> open_; ///< indexes of the objects and arrays around the present place
  std::size_t at_ = 0;
  std::size_t key_ = 0; ///< of the member whose value comes next
  bool has_key_ = false;
  bool key_comes_ = false;
};

} // namespace

std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

ValuePlaces places_in_json(std::string_view text) {
  return Locator(text).run();
}

} // namespace runbook
