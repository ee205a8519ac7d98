// What the parameters of a question say about its answer: `answer`, `choices` and `pattern`.
#pragma once

#include <runbook/answer.hpp>
#include <runbook/model.hpp>

#include <vector>

namespace runbook {

/// What cannot be read is left out; `answer_form_flaws` has found that.
[[nodiscard]] AnswerForm answer_form(const Values& params);

/// What is wrong with what a question says about its answer and where that is kept.
[[nodiscard]] std::vector<Diagnostic> answer_form_flaws(const Action& action);

} // namespace runbook
