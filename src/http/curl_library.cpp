#include "http/curl_library.hpp"

#include <dlfcn.h>

#include <mutex>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr const char* curl_file = "libcurl.so.4";

// 7.87.0 is the first release with every option that is set here, and the first whose TLS writes raise no SIGPIPE.
constexpr unsigned oldest_curl = 0x075700;

Error curl_unusable(const std::string& why) {
  return {errc::http_error,
          fmt::format("HTTP needs libcurl 7.87.0 or newer: {}; install it (Debian: apt-get install "
                      "libcurl4)",
                      why),
          {}};
}

const char* dl_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "unknown error of the dynamic loader";
}

/// Looks functions up and remembers the first that is missing.
class Symbols {
public:
  explicit Symbols(void* library) : library_(library) {}

  template <class Function>
  void find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(::dlsym(library_, name));
    if (function == nullptr && missing_ == nullptr) missing_ = name;
  }
  [[nodiscard]] const char* missing() const { return missing_; }

private:
  void* library_;
  const char* missing_ = nullptr;
};

/// Fills the table; returns the name of a function that is missing, or null.
const char* fill(CurlLibrary& curl, void* library) {
  Symbols symbols{library};
  symbols.find(curl.global_init, "curl_global_init");
  symbols.find(curl.version_info, "curl_version_info");
  symbols.find(curl.easy_init, "curl_easy_init");
  symbols.find(curl.easy_cleanup, "curl_easy_cleanup");
  symbols.find(curl.easy_reset, "curl_easy_reset");
  symbols.find(curl.easy_setopt, "curl_easy_setopt");
  symbols.find(curl.easy_getinfo, "curl_easy_getinfo");
  symbols.find(curl.easy_strerror, "curl_easy_strerror");
  symbols.find(curl.multi_init, "curl_multi_init");
  symbols.find(curl.multi_cleanup, "curl_multi_cleanup");
  symbols.find(curl.multi_setopt, "curl_multi_setopt");
  symbols.find(curl.multi_add_handle, "curl_multi_add_handle");
  symbols.find(curl.multi_remove_handle, "curl_multi_remove_handle");
  symbols.find(curl.multi_socket_action, "curl_multi_socket_action");
  symbols.find(curl.multi_info_read, "curl_multi_info_read");
  symbols.find(curl.multi_strerror, "curl_multi_strerror");
  symbols.find(curl.slist_append, "curl_slist_append");
  symbols.find(curl.slist_free_all, "curl_slist_free_all");
  symbols.find(curl.url, "curl_url");
  symbols.find(curl.url_cleanup, "curl_url_cleanup");
  symbols.find(curl.url_set, "curl_url_set");
  symbols.find(curl.url_get, "curl_url_get");
  symbols.find(curl.url_strerror, "curl_url_strerror");
  symbols.find(curl.free, "curl_free");
  return symbols.missing();
}

} // namespace

Result<CurlLibrary> load_curl(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return curl_unusable(dl_error());
  CurlLibrary curl;
  if (const char* missing = fill(curl, library); missing != nullptr) {
    ::dlclose(library);
    return curl_unusable(fmt::format("{} has no function {}", file, missing));
  }
  if (const CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    return curl_unusable(fmt::format("{} cannot be initialised: {}", file, curl.easy_strerror(code)));
  }
  const curl_version_info_data* const version = curl.version_info(CURLVERSION_NOW);
  if (version->version_num < oldest_curl) {
    return curl_unusable(fmt::format("{} is version {}", file, version->version));
  }
  return curl;
}

Result<const CurlLibrary*> curl_library() {
  // Of the whole process, as libcurl's own global state is: it must be initialised once, by one thread.
  static std::mutex mutex;
  static CurlLibrary table;
  static bool loaded = false;
  const std::scoped_lock lock{mutex};
  if (!loaded) {
    Result<CurlLibrary> curl = load_curl(curl_file);
    if (!curl) return curl.error();
    table = *curl;
    loaded = true;
  }
  return &table;
}

} // namespace runbook::http
