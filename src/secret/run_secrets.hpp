// The secrets of one run, and the masking of what the run shows and records.
#pragma once

#include "secret/redactor.hpp"

#include <runbook/event.hpp>
#include <runbook/plan.hpp>
#include <runbook/system.hpp>

#include <memory>
#include <string>
#include <vector>

namespace runbook {

class RunSecrets {
public:
  /// Gets every secret of the plan: those that are given, the others from the source, which is asked for them with this
  /// directory and environment. Null if the plan has none. `errc::secret_unavailable` names the secret and what it
  /// comes from; `errc::invalid_argument`: one is given that the plan does not have.
  [[nodiscard]] static Result<std::shared_ptr<const RunSecrets>> get(const Plan& plan, Secrets given,
                                                                     SecretSource& source, const std::string& directory,
                                                                     const std::vector<std::string>& environment);

  /// The same secrets and one more, which somebody was asked for by a step of the scope; `secrets` may be null.
  [[nodiscard]] static std::shared_ptr<const RunSecrets> with(const std::shared_ptr<const RunSecrets>& secrets,
                                                              const Plan& plan, std::uint32_t scope,
                                                              const std::string& name, Secret secret);

  /// Those that are known in a scope of the plan, by their names in it. Those that are not there are empty.
  [[nodiscard]] const Secrets& of(std::uint32_t scope) const noexcept { return by_scope_[scope]; }
  [[nodiscard]] const std::shared_ptr<const Redactor>& redactor() const noexcept { return redactor_; }

  [[nodiscard]] bool shown_in(std::string_view text) const { return redact(redactor_, text) != text; }
  void mask(std::string& text) const;
  void mask(Value& value) const;
  void mask(Values& values) const;
  void mask(Error& error) const;
  void mask(RunHeader& header) const;
  void mask(EventData& event) const;

private:
  explicit RunSecrets(std::vector<Secrets> by_scope);

  std::vector<Secrets> by_scope_;
  std::shared_ptr<const Redactor> redactor_;
};

} // namespace runbook
