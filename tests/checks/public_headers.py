"""Public headers name no private dependency: their users need the standard library, Boost.JSON and Boost.System only."""

import re

import project

INCLUDE = re.compile(r'\s*#\s*include\s*([<"][^>"]+[>"])')
ALLOWED = re.compile(r"<(runbook/\w+\.hpp|boost/json(/[\w/]+)?\.hpp|boost/system/[\w/]+\.hpp|[a-z_]+)>")
PRIVATE = re.compile(r"\b(asio|boost::process|CURL\w*|curl_\w+|sqlite3\w*|cmark\w*|fmt|evp_\w+|EVP_\w+|openssl|YAML|PQ\w+|[Rr][Ee]2)\b")
COMMENT_OR_STRING = re.compile(r'//.*?$|/\*.*?\*/|"(?:\\.|[^"\\])*"', re.DOTALL | re.MULTILINE)


def without_comments(text):
    return COMMENT_OR_STRING.sub(lambda match: "\n" * match.group().count("\n"), text)


def check(root):
    for header in project.files(root / "include", ".hpp"):
        text = header.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match and not ALLOWED.fullmatch(match.group(1)):
                yield header, number, f"a public header may not include {match.group(1)}"
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            match = None if INCLUDE.match(line) else PRIVATE.search(line)
            if match:
                yield header, number, f"a public header may not name {match.group()}: it is a private dependency"


if __name__ == "__main__":
    project.main(check)
