// `handlers`: what the steps of a document can do, as the handlers say it themselves.
#include "commands.hpp"
#include "output.hpp"

#include <runbook/handlers.hpp>

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

// `{{ name }}` in a parameter is filled in, by the engine or by a handler that has places to escape it for.
bool is_filled_in(const HandlerInfo& info, const HandlerParam& param) {
  return info.expand || param.expand;
}

Value as_json(const HandlerInfo& info) {
  boost::json::array params;
  for (const HandlerParam& param : info.params) {
    params.push_back(Values{{"name", param.name},
                            {"required", param.required},
                            {"description", param.description},
                            {"expand", is_filled_in(info, param)}});
  }
  return Values{{"name", info.name},
                {"description", info.description},
                {"effect", to_string(info.effect)},
                {"asks", info.asks},
                {"captures", info.prints ? "output" : "value"},
                {"params", std::move(params)},
                {"languages", boost::json::array(info.languages.begin(), info.languages.end())},
                {"dry_run", info.dry_run}};
}

std::string as_text(const HandlerInfo& info) {
  std::string text = fmt::format("{}  [{}]  {}\n", info.name, to_string(info.effect), info.description);
  std::size_t width = 0;
  for (const HandlerParam& param : info.params) width = std::max(width, param.name.size());
  for (const HandlerParam& param : info.params) {
    text += fmt::format("  {:<{}}  {}{}\n", param.name, width, param.description, param.required ? "  (required)" : "");
  }
  if (info.params.empty()) text += "  takes any parameters\n";
  if (!info.languages.empty()) text += fmt::format("  block:    ```{}\n", fmt::join(info.languages, ", ```"));
  if (!info.dry_run.empty()) text += fmt::format("  dry run:  {}\n", info.dry_run);
  return text;
}

} // namespace

ExitCode handlers(const HandlersOptions& options) {
  const HandlerRegistry registry = builtin_handlers();
  std::string out;
  for (const std::string& name : registry.names()) {
    const HandlerInfo& info = registry.find(name)->info();
    if (options.json) {
      out += boost::json::serialize(as_json(info)) + "\n";
    } else {
      out += (out.empty() ? "" : "\n") + as_text(info);
    }
  }
  return print(out) ? ExitCode::succeeded : ExitCode::output_lost;
}

} // namespace runbook::cli
