"""What every check shares: which files the project has, and how a finding is told."""

import sys
from pathlib import Path

# Folders that hold what a build or a tool made, never a source.
GENERATED = {".git", "build", "dist", "__pycache__", ".pytest_cache", ".venv", ".cache"}


def files(root: Path, *suffixes: str) -> list[Path]:
    """The project's files with one of the suffixes (all files if none is given), in a stable order."""
    found = []
    pending = [root]
    while pending:
        for entry in sorted(pending.pop().iterdir()):
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in GENERATED and not entry.name.endswith(".egg-info"):
                    pending.append(entry)
            elif not suffixes or entry.suffix in suffixes:
                found.append(entry)
    return sorted(found)


def scripts(root: Path) -> list[Path]:
    """Executable scripts without a suffix, such as tests/run."""
    return [file for file in files(root) if not file.suffix and file.read_bytes()[:2] == b"#!"]


def main(check) -> None:
    """Runs `check(root)`, which yields `(file, line, text)`; prints every finding and exits 1 if there is one."""
    root = Path(sys.argv[1]).resolve()
    findings = list(check(root))
    for file, line, text in findings:
        print(f"{file.relative_to(root)}:{line}: {text}")
    sys.exit(1 if findings else 0)
