"""No source file is longer than 500 lines. (Functions under 40 lines are clang-tidy's business.)"""

import project

LIMIT = 500
SUFFIXES = (".cpp", ".hpp", ".py", ".pyi", ".sh", ".cmake")


def check(root):
    sources = project.files(root, *SUFFIXES) + project.scripts(root)
    if not sources:
        yield root, 1, "no source file found"
    for file in sources:
        lines = len(file.read_bytes().splitlines())
        if lines > LIMIT:
            yield file, LIMIT + 1, f"{lines} lines; split the file: at most {LIMIT} are allowed"


if __name__ == "__main__":
    project.main(check)
