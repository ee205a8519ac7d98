// All codes, each in the place that the alphabet gives it. docs/lint.md explains them; tests/checks/lint_codes.py keeps
// the two and the sources equal.
#include <runbook/lint.hpp>

#include <algorithm>
#include <array>

namespace runbook {

namespace {

constexpr Severity note = Severity::note;
constexpr Severity warning = Severity::warning;
constexpr Severity error = Severity::error;

constexpr std::array rules{
    LintRule{"attribute", error, "an attribute is misplaced, written wrongly, given twice or has no effect"},
    LintRule{"bidi-character", error, "a command holds an invisible character that turns the direction of text"},
    LintRule{"block-in-html", warning,
             "something that looks like a block of code stands inside of HTML and is not run"},
    LintRule{"block-in-paragraph", error,
             "something that looks like a block of code continues a paragraph and is not run"},
    LintRule{"block-not-run", warning, "a block of code is not run, and the finding says why"},
    LintRule{"block-outside-item", error, "a block that could run stands in a section, but in none of its items"},
    LintRule{"bullet-list", warning, "a list without numbers in the steps section: nothing of it is done"},
    LintRule{"capture-name", error, "a capture's name cannot be a variable's name"},
    LintRule{"command-after-label", error, "a command behind a step's Check: or Rollback: block belongs to nothing"},
    LintRule{"condition", error, "a condition is no expression"},
    LintRule{"condition-in-words", warning, "a title says when the step is done, which a run does not know"},
    LintRule{"control-character", error, "a command holds a control character"},
    LintRule{"dead-anchor", warning, "a link leads to an anchor that the document does not have"},
    LintRule{"dead-link", warning, "a link leads to a file that does not exist"},
    LintRule{"destructive-without-undo", warning, "a command destroys something, and its step has no undo"},
    LintRule{"duplicate-capture", error, "two actions capture under one name"},
    LintRule{"duplicate-id", error, "two steps have one id"},
    LintRule{"duplicate-input", error, "two inputs have one name"},
    LintRule{"duplicate-key", warning, "a key of the metadata is there twice"},
    LintRule{"duplicate-undo", error, "a step has two undos"},
    LintRule{"empty-block", error, "a block that should run is empty"},
    LintRule{"empty-document", error, "the document is empty"},
    LintRule{"empty-id", error, "a step has an empty id"},
    LintRule{"empty-item", error, "an item says nothing that could be done or asked"},
    LintRule{"empty-runbook", error, "the runbook has nothing that could be run"},
    LintRule{"empty-script", error, "a script is empty"},
    LintRule{"empty-section", warning, "a section has no items: nothing in it is done"},
    LintRule{"empty-step", error, "a step has nothing to do"},
    LintRule{"endless-until", error, "an action is repeated until something is true, without a limit"},
    LintRule{"expectation", error, "what an output is compared with cannot be compared with anything"},
    LintRule{"expected", error, "expected output belongs to no command, or to one that cannot have it"},
    LintRule{"flow", error, "a loop or a need stands where it is not possible"},
    LintRule{"foreign-attribute", note, "an attribute of another tool, about how a block is shown"},
    LintRule{"frequency", warning, "the frequency is none that is understood"},
    LintRule{"front-matter", error, "front matter cannot be read, or has a key of the wrong kind"},
    LintRule{"group", error, "a step that only holds other steps has something of its own to undo"},
    LintRule{"http-block", error, "an http block is no request"},
    LintRule{"indented-code", note, "code that is only indented is shown and not run"},
    LintRule{"input", error, "an item of the section Inputs is not understood"},
    LintRule{"input-name", error, "an input's name cannot be a variable's name"},
    LintRule{"invalid-default", error, "an input's default does not fit its type or pattern"},
    LintRule{"invalid-expectation", error, "what a response is compared with is no response"},
    LintRule{"invalid-id", error, "an id holds a character that no id may have"},
    LintRule{"invalid-input", error, "a value does not fit its input's type or pattern"},
    LintRule{"invalid-json", error, "something that should be JSON is not"},
    LintRule{"invalid-parameter", error, "a parameter of a handler is wrong"},
    LintRule{"invalid-pattern", error, "an input's pattern is no regular expression"},
    LintRule{"invalid-script", error, "a script cannot be run by any shell"},
    LintRule{"invalid-yaml", error, "the YAML cannot be read"},
    LintRule{"invisible-character", warning, "a command holds a character that nobody sees"},
    LintRule{"irreversible-undo", error, "a step is said to be irreversible and has an undo"},
    LintRule{"label-needs-command", error, "the block below a label has no language that is run"},
    LintRule{"label-with-text", error, "text stands behind a label, so it says nothing about a block"},
    LintRule{"label-without-block", error, "no block follows a label"},
    LintRule{"label-without-colon", warning, "a word that would be a label if it ended in a colon", true},
    LintRule{"lazy-numbering", warning, "a step's written number is not the one that a reader sees"},
    LintRule{"limit", error, "the document is over a limit"},
    LintRule{"loop-name", error, "a loop's value would hide another value of its name"},
    LintRule{"loose-block", note, "a block among the steps belongs to no item: it is a step of its own"},
    LintRule{"misplaced-label", error, "a label has no meaning in its section"},
    LintRule{"missing-id", note, "something refers to a step by its number or by its title's words", true},
    LintRule{"missing-input", error, "a required input has no value"},
    LintRule{"missing-member", error, "a member of the JSON form is missing"},
    LintRule{"missing-parameter", error, "a handler's required parameter is missing"},
    LintRule{"mutating-without-verification", warning, "steps may change something, and nothing checks that it worked"},
    LintRule{"needs", error, "a step needs one that does not stand in front of it"},
    LintRule{"nested-list", warning, "a list inside of a step is text for a person"},
    LintRule{"no-handler", error, "an action names no handler"},
    LintRule{"no-language", warning, "a block without a language is shown and not run"},
    LintRule{"no-one-result", error,
             "a condition asks for the result of a step that has none, or one for each element of a loop"},
    LintRule{"no-probe", error, "a step is in doubt left to a probe that it does not have"},
    LintRule{"no-prompt", error, "a terminal session has no prompt, or a question no text", true},
    LintRule{"no-steps", error, "the document has no steps"},
    LintRule{"no-steps-section", warning, "no section has the steps: they are taken from the prose"},
    LintRule{"no-title", note, "the document or an item has no title"},
    LintRule{"not-indented", note, "a block that is not indented is taken for the item in front of it"},
    LintRule{"not-known-yet", error, "a value is used before it is captured"},
    LintRule{"not-needed", error, "a step uses what a step gives for which it does not wait"},
    LintRule{"not-utf8", error, "the document is not valid UTF-8"},
    LintRule{"nul", error, "the document holds a NUL character"},
    LintRule{"number", warning, "YAML reads a value as a number and may change its text"},
    LintRule{"out-of-range", error, "a number of the JSON form is too large"},
    LintRule{"placeholder", error, "a placeholder in a script would be a redirection"},
    LintRule{"prerequisite-on-failure", error, "a prerequisite says what its failure means"},
    LintRule{"prose-heading", note, "a heading among steps is prose and nothing to do"},
    LintRule{"question-output", error, "a question to a person has no output"},
    LintRule{"question-retries", error, "a question to a person is not asked again"},
    LintRule{"request", error, "a request cannot be sent with the given inputs"},
    LintRule{"reserved-name", error, "a name that shells or programs give a meaning of their own"},
    LintRule{"retries", error, "a number of retries is not possible"},
    LintRule{"retry-delay", error, "a delay between retries is not possible"},
    LintRule{"risk-level", warning, "the risk level is none of Low, Medium, High and Critical"},
    LintRule{"secret-given", error, "a secret is given as a value, where others see it"},
    LintRule{"secret-in-plain-text", warning, "what looks like a password, a token or a private key"},
    LintRule{"secret-input", error, "a secret has a default, or another input says where it comes from"},
    LintRule{"secret-shown", error, "a secret stands where everybody would see it"},
    LintRule{"shadowed-input", error, "a capture would hide an input"},
    LintRule{"suppression", warning, "a comment for the linter is not understood, or may not have its way"},
    LintRule{"template", warning, "braces around something that is no name"},
    LintRule{"template-in-script", warning, "a name in braces is not filled in within a script"},
    LintRule{"timeout", error, "a timeout is not possible"},
    LintRule{"title", warning, "the title in the front matter is not the heading's"},
    LintRule{"too-many-actions", error, "a step has too many actions"},
    LintRule{"unclear-label", warning, "a line reads as if the next block took the step back, but it is run"},
    LintRule{"unclear-prompt", warning, "a line with '# ' could be a command of root or a comment"},
    LintRule{"unclosed-fence", error, "a block of code is never closed"},
    LintRule{"undeclared-variable", warning, "a script uses a variable that nothing gives a value"},
    LintRule{"undo-of-prerequisite", error, "a prerequisite has an undo"},
    LintRule{"undo-of-rollback", error, "a part of the general rollback has an undo of its own"},
    LintRule{"undo-reference", error, "it is not clear which step an item of the rollback takes back"},
    LintRule{"unknown-attribute", error, "an attribute is not known"},
    LintRule{"unknown-handler", error, "there is no handler of that name"},
    LintRule{"unknown-input", error, "a value is given to an input that does not exist"},
    LintRule{"unknown-label", error, "a label is misspelt", true},
    LintRule{"unknown-language", warning, "a block of code has a language that nothing runs"},
    LintRule{"unknown-member", error, "a member of the JSON form is not known"},
    LintRule{"unknown-name", error, "a name in braces or in a condition is nothing that there is"},
    LintRule{"unknown-parameter", error, "a handler has no such parameter"},
    LintRule{"unknown-shell", error, "a script is for a shell that is not run"},
    LintRule{"unknown-word", error, "a word of the JSON or YAML form is not known in its place"},
    LintRule{"unlabelled-output", note, "a block below a command is not compared with its output", true},
    LintRule{"unsafe-retry", error, "a request is retried that must not be sent twice"},
    LintRule{"unsupported", error, "the document asks for something that this version does not carry out"},
    LintRule{"unused-input", warning, "nothing uses an input"},
    LintRule{"unused-suppression", warning, "a comment suppresses what is not found"},
    LintRule{"wrong-type", error, "a value of the JSON form is of the wrong type"},
};

static_assert(std::ranges::is_sorted(rules, {}, &LintRule::code));

} // namespace

std::span<const LintRule> lint_rules() noexcept {
  return rules;
}

const LintRule* find_lint_rule(std::string_view code) noexcept {
  const auto found = std::ranges::lower_bound(rules, code, {}, &LintRule::code);
  return found != rules.end() && found->code == code ? &*found : nullptr;
}

} // namespace runbook
