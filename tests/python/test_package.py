"""The package: what it names, and that its stubs say the same."""

import ast
import enum
from pathlib import Path

import runbook as rb
from runbook import _core

PACKAGE = Path(rb.__file__).parent


def stub_of(module: str) -> dict[str, ast.AST]:
    tree = ast.parse((PACKAGE / module).read_text())
    return {node.name: node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_the_package_has_all_that_the_module_has():
    hidden = {"EventIterator"}
    assert set(rb.__all__) - {"__version__"} == public(dir(_core)) - hidden
    assert all(hasattr(rb, name) for name in rb.__all__)


def test_the_stubs_name_what_is_there():
    stubs = {name: node for name, node in stub_of("_core.pyi").items() if not name.startswith("_")}
    assert set(stubs) == set(rb.__all__) - {"__version__"}
    for name, node in stubs.items():
        if not isinstance(node, ast.ClassDef):
            continue
        named = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
        named |= {n.target.id for n in node.body if isinstance(n, ast.AnnAssign)}
        named |= {t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets}
        there = getattr(rb, name)
        if issubclass(there, enum.Enum):
            assert {m.name: m.value for m in there} == {
                n.targets[0].id: n.value.value for n in node.body if isinstance(n, ast.Assign)
            }, name
        elif issubclass(there, Exception):
            assert all(hasattr(there, member) for member in named), name
        else:
            assert public(named) == public(vars(there)), name


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()


def test_everything_has_words():
    for name in rb.__all__:
        thing = getattr(rb, name)
        if isinstance(thing, type) and not issubclass(thing, (enum.Enum, Exception)):
            assert thing.__doc__, name
