"""Every relative link in the documentation leads to a file, and to a heading of it where it names one."""

import re
from urllib.parse import unquote

import project

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$")
EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
FENCE = re.compile(r"\s*(```|~~~)")


def documents(root):
    top = [file for file in sorted(root.glob("*.md"))]
    return top + [file for folder in ("docs", "examples") if (root / folder).is_dir() for file in project.files(root / folder, ".md")]


def prose(file):
    """The numbered lines outside code."""
    inside = False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, re.sub(r"`[^`]*`", "", line)


def anchors(file):
    """The anchors of a document's headings, as code hosts make them."""
    seen = {}
    inside = False
    for line in file.read_text().splitlines():
        if FENCE.match(line):
            inside = not inside
        match = None if inside else re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", line)
        if match:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1)).lower()
            slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            yield slug if count == 0 else f"{slug}-{count}"


def check(root):
    for file in documents(root):
        for number, line in prose(file):
            for match in LINK.finditer(line):
                link = match.group(1) or match.group(2)
                if EXTERNAL.match(link):
                    continue
                path, _, anchor = unquote(link).partition("#")
                target = (file.parent / path) if path else file
                if not target.exists():
                    yield file, number, f"dead link: {link}"
                elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                    yield file, number, f"no such heading: {link}"


if __name__ == "__main__":
    project.main(check)
