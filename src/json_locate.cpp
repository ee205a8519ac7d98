#include "json_text.hpp"

#include <vector>

namespace runbook {

namespace {

/// Walks over valid JSON text and keeps the pointer of the value that it is in.
class Locator {
public:
  Locator(std::string_view text, const std::set<std::string>& wanted) : text_(text), wanted_(wanted) {}

  std::map<std::string, std::size_t> run() {
    note(text_.find_first_not_of(" \t\r\n"));
    while (at_ < text_.size()) step();
    return std::move(found_);
  }

private:
  struct Container {
    bool object = false;
    std::size_t index = 0;      ///< of the array's element
    std::size_t pointer = 0;    ///< the length of the container's own pointer
    bool expects_value = false; ///< an array's next value starts an element
  };

  void step() {
    const char c = text_[at_];
    if (c == '{' || c == '[') return open(c == '{');
    if (c == '}' || c == ']') return close();
    if (c == '"') return string();
    if (c == ',' && !open_.empty()) next();
    if (c != ',' && c != ':' && c != ' ' && c != '\t' && c != '\r' && c != '\n') element();
    ++at_;
  }

  void open(bool object) {
    element();
    open_.push_back({object, 0, pointer_.size(), !object});
    key_comes_ = object;
    ++at_;
  }

  void close() {
    pointer_.resize(open_.back().pointer);
    open_.pop_back();
    key_comes_ = false;
    ++at_;
  }

  void next() {
    Container& top = open_.back();
    pointer_.resize(top.pointer);
    key_comes_ = top.object;
    top.expects_value = !top.object;
    if (!top.object) ++top.index;
  }

  /// A value starts here: if it is an array's element its place is the element's.
  void element() {
    if (open_.empty() || !open_.back().expects_value) return;
    Container& top = open_.back();
    top.expects_value = false;
    pointer_ += '/' + std::to_string(top.index);
    note(at_);
  }

  void string() {
    element();
    const std::size_t begin = at_++;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    ++at_;
    if (!key_comes_) return;
    key_comes_ = false;
    pointer_ += '/' + pointer_token(key(begin));
    note(begin);
  }

  [[nodiscard]] std::string key(std::size_t begin) const {
    const std::string_view quoted = text_.substr(begin, at_ - begin);
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    const JsonRead read = read_json(quoted);
    return read.value ? std::string(read.value->as_string()) : std::string();
  }

  void note(std::size_t offset) {
    if (wanted_.contains(pointer_)) found_.emplace(pointer_, offset);
  }

  std::string_view text_;
  const std::set<std::string>& wanted_;
  std::map<std::string, std::size_t> found_;
  std::vector<Container> open_;
  std::string pointer_;
  std::size_t at_ = 0;
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

std::map<std::string, std::size_t> locate_pointers(std::string_view text, const std::set<std::string>& pointers) {
  return Locator(text, pointers).run();
}

} // namespace runbook
