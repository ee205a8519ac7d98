"""The checks are checked: each accepts a sound project and names the place in one that breaks its rule."""

import tempfile
import unittest
from pathlib import Path

import built
import layers
import lint_codes
import links
import marks
import public_headers
import sizes

SOUND = {
    "include/runbook/error.hpp": "#include <runbook/export.hpp>\n#include <string>\n// asio is not named\n",
    "include/runbook/export.hpp": "#pragma once\n",
    "src/error.cpp": "#include <boost/asio/io_context.hpp>\n",
    "src/CMakeLists.txt": "add_library(\n  runbook\n  error.cpp long.cpp\n  lint/catalogue.cpp plan/links.cpp\n  plan.cpp)\n"
                          "set(headers error export)\n",
    "README.md": "# A title\n[docs](docs/a.md#the-end), [here](#a-title), [web](https://example.org)\n",
    "src/lint/catalogue.cpp": 'LintRule{"dead-link", warning, "it is dead"},\n',
    "src/plan/links.cpp": 'findings.warning("dead-link", place, "a text");\n',
    "docs/lint.md": "# Codes\n\n### `dead-link`\n\nWarning. It is dead.\n",
    "docs/a.md": "## The end\n```\n[no link](nowhere.md)\n```\n",
}
LATER = "TO" + "DO"


class Checks(unittest.TestCase):
    def findings(self, check, changes=None):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {**SOUND, **(changes or {})}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return [f"{file.relative_to(root)}:{line}" for file, line, _ in check(root)]

    def test_a_sound_project_passes(self):
        for module in (built, layers, public_headers, sizes, marks, links, lint_codes):
            with self.subTest(module.__name__):
                self.assertEqual(self.findings(module.check), [])

    def red(self, module, name, text, line=1):
        self.assertEqual(self.findings(module.check, {name: text}), [f"{name}:{line}"])

    def test_a_header_that_includes_its_own_or_a_higher_layer(self):
        self.red(layers, "include/runbook/model.hpp", "\n#include <runbook/outcome.hpp>\n", 2)
        self.red(layers, "include/runbook/plan.hpp", "#include <runbook/executor.hpp>\n")
        self.red(layers, "include/runbook/plan.hpp", '#include "executor.hpp"\n')

    def test_a_header_without_a_layer(self):
        self.red(layers, "include/runbook/novelty.hpp", "#pragma once\n")

    def test_a_header_that_is_not_installed(self):
        self.red(built, "include/runbook/novelty.hpp", "#pragma once\n")

    def test_a_public_header_with_a_private_dependency(self):
        self.red(public_headers, "include/runbook/plan.hpp", "#include <fmt/format.h>\n")
        self.red(public_headers, "include/runbook/plan.hpp", "#include <boost/asio.hpp>\n")
        self.red(public_headers, "include/runbook/store.hpp", "// SQLite\nstruct sqlite3;\n", 2)
        self.red(public_headers, "include/runbook/store.hpp", "namespace boost::asio { class io_context; }\n")

    def test_a_file_that_is_too_long(self):
        self.red(sizes, "src/long.cpp", "\n" * 501, 501)
        self.red(sizes, "tests/run", "#!/bin/sh\n" + "\n" * 500, 501)

    def test_a_source_that_nothing_builds(self):
        self.red(built, "src/novelty.cpp", "int a;\n")
        self.red(built, "src/error/plan.cpp", "int a;\n")

    def test_something_left_for_later(self):
        self.red(marks, "src/plan.cpp", f"int a;\n// {LATER}: the rest\n", 2)
        self.red(marks, "tests/run", f"#!/bin/sh\n# {LATER}\n", 2)

    def test_a_link_that_leads_nowhere(self):
        self.red(links, "docs/b.md", "see [that](missing.md)\n")
        self.red(links, "docs/b.md", "see [that](a.md#the-start)\n")
        self.red(links, "docs/b.md", "text\n\n[that]: missing.md\n", 3)

    def test_a_code_that_is_not_in_the_catalogue(self):
        self.red(lint_codes, "src/plan/more.cpp", 'x;\nerror(\n    "dead-lnk", place, "a text");\n', 3)
        self.red(lint_codes, "src/plan/more.cpp", 'problems.add(at, "dead-lnk", "a text");\n')

    def test_a_code_that_nothing_is_found_as(self):
        self.assertEqual(self.findings(lint_codes.check, {"src/plan/links.cpp": "int a;\n"}), ["src/lint/catalogue.cpp:1"])

    def test_a_code_that_the_manual_does_not_explain(self):
        self.assertEqual(self.findings(lint_codes.check, {"docs/lint.md": "# Codes\n"}), ["src/lint/catalogue.cpp:1"])
        self.red(lint_codes, "docs/lint.md", "### `dead-link`\n\nError. It is dead.\n")


if __name__ == "__main__":
    unittest.main(verbosity=0)
