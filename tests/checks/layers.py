"""A public header includes only headers of lower layers; headers of one layer never include each other."""

import re

import project

LAYERS = [
    {"export", "boxed"},
    {"error"},
    {"value", "secret", "rollback_stack"},
    {"model", "outcome", "answer", "expression", "terminal"},
    {"parse", "handler", "event", "system"},
    {"plan", "store", "handlers", "format"},
    {"decider", "report", "lint", "standing", "audit", "postgres"},
    {"executor"},
    {"testing", "crash_matrix", "rehearse", "catalog"},
    {"runbook"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
INCLUDE = re.compile(r'\s*#\s*include\s*[<"](?:runbook/)?([\w./]+)\.hpp[>"]')


def check(root):
    headers = project.files(root / "include" / "runbook", ".hpp")
    if not headers:
        yield root / "include", 1, "no public header found"
    for header in headers:
        name = header.stem
        if name not in LEVEL:
            yield header, 1, f"the header has no layer; give {name} one in tests/checks/layers.py"
            continue
        for number, line in enumerate(header.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match or "boost/" in line:
                continue
            included = match.group(1)
            if LEVEL.get(included, len(LAYERS)) >= LEVEL[name]:
                yield header, number, f"{name} (layer {LEVEL[name]}) may not include {included} (layer {LEVEL.get(included, 'unknown')})"


if __name__ == "__main__":
    project.main(check)
