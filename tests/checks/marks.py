"""Nothing is left unfinished: no marks that promise to do something later."""

import re

import project

# Spelt so that this file does not find itself.
MARK = re.compile(rb"\b(?:TO[D]O|FIX[M]E|XX[X])\b")
TEXT = (".cpp", ".hpp", ".py", ".pyi", ".sh", ".cmake", ".txt", ".toml", ".json", ".md", ".in")


def check(root):
    for file in project.files(root, *TEXT) + project.scripts(root):
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            match = MARK.search(line)
            if match:
                yield file, number, f"{match.group().decode()}: finish it or take it out"


if __name__ == "__main__":
    project.main(check)
