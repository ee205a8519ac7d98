#include "process/host_environment.hpp"

// Boost.Process 1.81 uses `optional` and type traits without including them.
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
#define BOOST_PROCESS_USE_STD_FS 1
#include <boost/process/v2/environment.hpp>

namespace runbook::process {

std::vector<std::string> host_environment(const std::vector<std::string>& names) {
  namespace environment = boost::process::v2::environment;
  std::vector<std::string> variables;
  for (const std::string& name : names) {
    boost::system::error_code not_set;
    const environment::value value = environment::get(environment::key(name), not_set);
    if (!not_set) variables.push_back(name + "=" + value.string());
  }
  return variables;
}

} // namespace runbook::process
