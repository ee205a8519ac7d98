#include "process/launcher.hpp"

#include <cerrno>

namespace runbook::process {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

/// A filter of system calls answers with one of these, an older kernel with the first.
bool refused(const LaunchFailure& failure) {
  return (failure.stage == LaunchStage::process || failure.stage == LaunchStage::descriptors) &&
         (failure.error == ENOSYS || failure.error == EPERM);
}

/// Goes over to posix_spawn, for good, when the system refuses what the faster launcher needs.
class AutomaticLauncher final : public Launcher {
public:
  boost::system::result<Launched, LaunchFailure> launch(const LaunchRequest& request) override {
    auto launched = launcher_->launch(request);
    if (launched || fallen_back_ || !refused(launched.error())) return launched;
    launcher_ = make_spawn_launcher();
    fallen_back_ = true;
    return launcher_->launch(request);
  }

private:
  std::unique_ptr<Launcher> launcher_ = make_clone_launcher(true);
  bool fallen_back_ = false;
};

} // namespace

std::unique_ptr<Launcher> make_launcher(LauncherKind kind) {
  switch (kind) {
  case LauncherKind::clone3: return make_clone_launcher(true);
  case LauncherKind::clone: return make_clone_launcher(false);
  case LauncherKind::posix_spawn: return make_spawn_launcher();
  case LauncherKind::automatic: break;
  }
  if constexpr (sanitized) return make_spawn_launcher();
  return std::make_unique<AutomaticLauncher>();
}

} // namespace runbook::process
