"""The codes of findings: those in the sources, in the linter's catalogue and in docs/lint.md are the same."""

import re

import project

CATALOGUE = "src/lint/catalogue.cpp"
MANUAL = "docs/lint.md"
# What reads, plans and lints documents. Expressions have codes of their own: the plan tells them as `condition`.
SOURCES = ("src/handler.cpp", "src/handlers", "src/http/request_flaws.cpp", "src/lint", "src/load_runbooks.cpp", "src/markdown",
           "src/model_json", "src/model_json.cpp", "src/plan", "src/plan.cpp")
RULE = re.compile(r'LintRule\{"([a-z0-9-]+)",\s*(\w+),')
# A finding is made by a call whose first text is the code.
CALL = re.compile(r'\b(?:(?:error|warning|note|document_error|input_error|handler_error|warn|problem)\(|Problem\{)([^";]*)"([^"]*)"')
ADD = re.compile(r'\badd\([^";()]+,\s*"([^"]*)"')
DEFAULT = re.compile(r'\bcode = "([^"]*)"')
CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
HEADING = re.compile(r"### `([a-z0-9-]+)`")


def rules(root):
    """Code -> (severity, line)."""
    found = {}
    text = (root / CATALOGUE).read_text()
    for match in RULE.finditer(text):
        found[match.group(1)] = (match.group(2), text.count("\n", 0, match.start()) + 1)
    return found


def sources(root):
    for name in SOURCES:
        path = root / name
        files = [path] if path.is_file() else project.files(path, ".cpp", ".hpp") if path.is_dir() else []
        yield from (file for file in files if file != root / CATALOGUE)


def codes_in(text):
    """The codes of findings in a source, with their lines."""
    for pattern in (CALL, ADD, DEFAULT):
        for match in pattern.finditer(text):
            code = match.group(match.lastindex)
            if CODE.match(code):
                yield code, text.count("\n", 0, match.end()) + 1


def check_sources(root, known):
    everything = ""
    for file in sources(root):
        text = file.read_text()
        everything += text
        for code, line in codes_in(text):
            if code not in known:
                yield file, line, f"the code '{code}' is not in {CATALOGUE}"
    for code, (_, line) in known.items():
        if f'"{code}"' not in everything:
            yield root / CATALOGUE, line, f"nothing is found as '{code}'"


def check_manual(root, known):
    manual = root / MANUAL
    told = {}
    lines = manual.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if match := HEADING.match(line):
            told[match.group(1)] = number
            code = match.group(1)
            words = next((text for text in lines[number:] if text), "")
            if code not in known:
                yield manual, number, f"there is no code '{code}'"
            elif not words.lower().startswith(known[code][0]):
                yield manual, number, f"'{code}' is of severity {known[code][0]}: say so in the first word"
    for code, (_, line) in known.items():
        if code not in told:
            yield root / CATALOGUE, line, f"{MANUAL} does not explain '{code}'"


def check(root):
    if not (root / CATALOGUE).exists():
        return
    known = rules(root)
    if not known:
        yield root / CATALOGUE, 1, "no rule found"
    yield from check_sources(root, known)
    yield from check_manual(root, known)


if __name__ == "__main__":
    project.main(check)
