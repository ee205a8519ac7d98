// The file handler: writes a file, and puts back what was there when the step is undone.
//
// What is replaced is kept beside the file under a name that is made of the run and the step, so that an undo finds it
// whatever has happened in between; nothing has to be remembered.
#include "block_languages.hpp"
#include "digest.hpp"
#include "handlers/builtin.hpp"
#include "handlers/function.hpp"
#include "handlers/invalid_parameter.hpp"
#include "printable.hpp"

#include <runbook/system.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_name = 255; // of a file, where file systems agree

std::optional<std::string> text_of(const Values& params, std::string_view name) {
  const Value* value = params.if_contains(name);
  if (value == nullptr) return std::nullopt;
  return to_text(*value);
}

/// What a block says is text.
std::optional<bool> yes_or_no(const Values& params, std::string_view name, bool otherwise) {
  const std::optional<std::string> said = text_of(params, name);
  if (!said) return otherwise;
  if (*said == "true") return true;
  if (*said == "false") return false;
  return std::nullopt;
}

/// `644` or `0644`.
std::optional<std::uint32_t> mode_of(std::string_view text) {
  if (text.size() < 3 || text.size() > 4) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

bool is_filled_in_later(const Values& params, std::string_view name) {
  return text_of(params, name).value_or("").find("{{") != std::string::npos;
}

/// Where relative paths begin is where the run was started: `cd` in a script moves no file.
std::string path_of(const StepContext& context) {
  const std::string path = to_text(context.param("path"));
  return path.empty() ? path : (std::filesystem::path(context.run_directory()) / path).string();
}

/// The same for all attempts at a step and for its undo.
std::string backup_of(const StepContext& context, const std::string& path) {
  const std::string key = context.idempotency_key();
  const std::string_view step = std::string_view(key).substr(0, key.rfind('/'));
  const std::filesystem::path file(path);
  std::string name = fmt::format(".{}.runbook-{}", file.filename().string(), step);
  if (name.size() + 16 > longest_name) name = fmt::format(".runbook-{}", sha256_hex(name));
  std::ranges::replace(name, '/', '+');
  return (file.parent_path() / (name + ".bak")).string();
}

/// The folder of the file that is meant, where the path is a symbolic link to it.
std::string without_links(const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::is_symlink(path, problem)) return path;
  const std::string real = std::filesystem::canonical(path, problem).string();
  return problem ? path : real;
}

Result<Value> put_back(StepContext& context, const std::string& path) {
  const Result<bool> restored = context.system().files.restore(path, backup_of(context, path));
  if (!restored) return restored.error();
  if (!*restored) context.log(fmt::format("nothing to put back: this step has not changed '{}'", printable(path)));
  return Value{{"path", path}, {"restored", *restored}};
}

Result<Value> write(StepContext& context) {
  const Values& params = context.params();
  const std::string path = without_links(path_of(context));
  if (yes_or_no(params, "restore", false).value_or(false)) return put_back(context, path);
  const auto backup = yes_or_no(params, "backup", true);
  const auto mode = text_of(params, "mode");
  FileChange change{.path = path, .text = text_of(params, "text").value_or("")};
  if (!backup) return Error{errc::invalid_input, "'backup' is neither true nor false", {}};
  if (*backup) change.backup = backup_of(context, path);
  if (mode) change.mode = mode_of(*mode);
  if (mode && !change.mode) {
    return Error{errc::invalid_input, fmt::format("'{}' is no mode: write it as 0644", printable(*mode)), {}};
  }
  const Result<bool> changed = context.system().files.replace(change);
  if (!changed) return changed.error();
  Value result{{"path", path}, {"changed", *changed}};
  if (*changed && *backup) result.get_object()["backup"] = change.backup;
  return result;
}

class FileHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> found = Handler::check(action);
    const Values& params = action.params;
    const auto report = [&](std::string message, std::string hint) {
      found.push_back(invalid_parameter(action, std::move(message), std::move(hint)));
    };
    if (params.contains("path") && text_of(params, "path")->empty())
      report("the path of 'file' is empty", "name a file");
    const auto restore = yes_or_no(params, "restore", false);
    if (!restore || !yes_or_no(params, "backup", true)) report("that is neither true nor false", "write true or false");
    if (restore && !*restore && !params.contains("text"))
      report("'file' needs the parameter 'text'", "give it as text");
    const auto mode = text_of(params, "mode");
    if (mode && !is_filled_in_later(params, "mode") && (!params.at("mode").is_string() || !mode_of(*mode))) {
      report(fmt::format("'{}' is no mode", printable(*mode)), "write it as text of octal digits: 0644");
    }
    return found;
  }

  [[nodiscard]] std::optional<Action> undo(const Action& action) const override {
    const Value* path = action.params.if_contains("path");
    if (path == nullptr || !yes_or_no(action.params, "backup", true).value_or(false)) return std::nullopt;
    Action back;
    back.handler = "file";
    back.params = {{"path", *path}, {"restore", true}};
    return back;
  }

  void start(StepContext& context, Completion done) const override { start_on_worker(context, std::move(done), write); }

private:
  HandlerInfo info_{
      .name = "file",
      .description = "Writes a file, whole or not at all; its undo puts back what was there.",
      .effect = Effect::idempotent,
      .params = {{.name = "path",
                  .required = true,
                  .description = "Which file; relative to where the run starts.",
                  .exposed = true},
                 {.name = "text", .description = "What it holds then."},
                 {.name = "mode",
                  .description = "Its permissions, as 0644; else those of what is replaced.",
                  .exposed = true},
                 {.name = "backup", .description = "false: what is replaced is not kept, and there is no undo."},
                 {.name = "restore", .description = "true: puts back what the step has replaced."}},
      .languages = {std::string(find_block_language("file")->name)},
      .dry_run = "Shows the path and the text, with the inputs in them."};
};

} // namespace

std::shared_ptr<const Handler> make_file_handler() {
  return std::make_shared<FileHandler>();
}

} // namespace runbook
