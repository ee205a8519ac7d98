// The rules that only the linter has. Each looks at the whole document once and adds what it finds.
#pragma once

#include "lint/subject.hpp"

namespace runbook::linting {

/// `destructive-without-undo`: a command that destroys something, in a step that has no way back.
void check_destructive_commands(const Subject& subject, Findings& findings);
/// `mutating-without-verification`: steps change something, and nothing in the document checks that it worked.
void check_verification(const Subject& subject, Findings& findings);
/// `undeclared-variable`: a script uses a variable that nothing gives a value.
void check_variables(const Subject& subject, Findings& findings);
/// `unused-input`: an input that nothing in the document uses.
void check_inputs(const Subject& subject, Findings& findings);
/// `dead-link` and `dead-anchor`: links that lead nowhere. Nothing is fetched.
void check_links(const Subject& subject, Findings& findings);
/// `secret-in-plain-text`: what looks like a password, a token or a private key. What it is is not repeated.
void check_secrets(const Subject& subject, Findings& findings);
/// `lazy-numbering`: the numbers that are written are not the ones that a reader sees.
void check_numbering(const Subject& subject, Findings& findings);
/// `missing-id`: something refers to a step that has no id of its own.
void check_ids(const Subject& subject, Findings& findings);
/// `label-without-colon`: a word that would be a label if it ended in a colon.
void check_labels(const Subject& subject, Findings& findings);

} // namespace runbook::linting
