"""Every C++ source belongs to a target: the CMakeLists.txt of its folder, or of one above, names it. Every public header
is installed."""

import re

import project

# Built by a project of its own, or by being included.
ELSEWHERE = ("examples/", "tests/package/")


def named_in(lists):
    """The names that a CMakeLists.txt holds: files, and tests, which are listed without `.cpp`."""
    return set(re.findall(r"[\w./-]+", lists.read_text()))


def check_headers(root):
    listed = re.search(r"set\(headers ([^)]*)\)", (root / "src" / "CMakeLists.txt").read_text()).group(1).split()
    for header in project.files(root / "include" / "runbook", ".hpp"):
        if header.stem not in listed:
            yield header, 1, "src/CMakeLists.txt does not list this header, so it is not installed"


def check(root):
    yield from check_headers(root)
    for file in project.files(root, ".cpp"):
        if file.relative_to(root).as_posix().startswith(ELSEWHERE):
            continue
        for folder in file.parents:
            lists = folder / "CMakeLists.txt"
            name = file.relative_to(folder).as_posix()
            if lists.exists() and {name, name.removesuffix(".cpp")} & named_in(lists):
                break
            if folder == root:
                yield file, 1, "no CMakeLists.txt names this file, so nothing builds it"
                break


if __name__ == "__main__":
    project.main(check)
