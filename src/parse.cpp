#include <runbook/parse.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace runbook {

namespace {

/// A file that is open for reading. Owns the descriptor.
class OpenFile {
public:
  explicit OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Reads up to `limit` bytes. Returns 0 or the number of the error.
  int read(std::string& out, std::size_t limit) const {
    if (descriptor_ < 0) return errno;
    std::array<char, 65536> buffer{};
    while (out.size() < limit) {
      const ssize_t got = ::read(descriptor_, buffer.data(), std::min(buffer.size(), limit - out.size()));
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno;
      out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return 0;
  }

private:
  int descriptor_;
};

bool ends_in(const std::string& path, std::string_view ending) {
  if (path.size() < ending.size()) return false;
  return std::ranges::equal(std::string_view(path).substr(path.size() - ending.size()), ending, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

} // namespace

Parsed parse(std::string_view text, const ParseOptions& options) {
  if (ends_in(options.path, ".json")) return parse_json_form(text, options);
  if (ends_in(options.path, ".yaml") || ends_in(options.path, ".yml")) return parse_yaml_form(text, options);
  return parse_markdown(text, options);
}

Result<Parsed> parse_file(const std::string& path, ParseOptions options) {
  std::string text;
  // One byte more than is allowed, so that a document over the limit is told from one at it.
  const int problem = OpenFile(path).read(text, max_document_bytes + 1);
  if (problem != 0) {
    return Error{
        errc::io_error, fmt::format("{}: cannot be read: {}", path, std::generic_category().message(problem)), {}};
  }
  options.path = path;
  return parse(text, options);
}

DocumentReader file_reader(ParseOptions options) {
  return [options = std::move(options)](const std::string& path) -> Result<Parsed> {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
      return Error{errc::io_error, fmt::format("{}: is no regular file", path), {}};
    }
    return parse_file(path, options);
  };
}

Result<Runbook> load(const std::string& path, ParseOptions options) {
  Result<Parsed> parsed = parse_file(path, options);
  if (parsed.has_error()) return parsed.error();
  if (parsed->ok()) {
    auto loaded = load_runbooks(parsed->runbook, file_reader(options));
    if (!loaded) return loaded.error();
    return std::move(parsed->runbook);
  }
  const auto errors = std::ranges::count(parsed->diagnostics, Severity::error, &Diagnostic::severity);
  return Error{errc::invalid_document,
               fmt::format("{} cannot be run: {} error{}", path, errors, errors == 1 ? "" : "s"),
               std::move(parsed->diagnostics)};
}

} // namespace runbook
