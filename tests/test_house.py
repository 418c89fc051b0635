"""The rules of the house, read off the source with `ast`: they keep the one idea true.

Handlers yield ops and never touch the machine; a yield hides nothing on the interpreter's stack;
layers point downwards; what is permanent is documented; nothing grows too large to read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.kernels
from engine.invariants import INVARIANTS
from engine.kernels import HISTORY
from engine.ops import OPS
from engine.verbs import VERBS

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine"
FILES = sorted(ENGINE.rglob("*.py"))
HANDLERS = [*sorted((ENGINE / "kernels").rglob("*.py")), ENGINE / "drivers.py"]
PROGRAMS = [*HANDLERS, ENGINE / "actors.py"]
MAX_FUNCTION, MAX_FILE = 60, 400
KERNEL_FUNCTION = 70
"""A handler may be longer where the kernel's own is its longest: do_no_page."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
YIELDS = (ast.Yield, ast.YieldFrom)

MACHINE = {"engine.model.cells", "engine.verbs", "engine.simulation", "engine.unfold"}
"""What handlers may not import: all that could touch the machine, or that drives them."""

PYDANTIC = {
    "engine/scenario.py",
    "engine/gallery.py",  # both catch ValidationError, to word it for people
    "engine/trace.py",
}
"""The files of the engine that may import pydantic."""

LAYERS = (
    {"errors", "home"},
    {"deadline"},
    {"messages"},
    {"model"},
    {"ops"},
    {"kernel", "drivers", "kernels"},
    {"actors", "unfold", "verbs"},
    {"simulation"},
    {"consistency", "scenario"},
    {"layout", "listing", "schedule", "gallery"},
    {"content", "invariants", "link_id", "share"},
    {"outcomes"},
    {"explore", "conform"},
    {"encode", "source"},
    {"ledger"},
    {"history", "narrate", "verdicts"},
    {"trace"},
    {"ending"},
    {"align", "trace_form", "text", "expectations", "picture", "searched"},
    {"byhand", "compare", "one_file", "predict", "reading", "rival", "table", "whatif"},
    {"present", "shown"},
    {"sheets"},
    {"library"},
    {"cli"},
)
DOORS = {"__init__", "__main__"}
"""The engine's modules from the bottom up; each imports only from its own layer and below."""

SOURCE = re.compile(r"2\.6\.\d\d|posting of 2006-\d\d-\d\d")


def parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function, methods and nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's body, those of functions inside it left out."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def is_handler(function: Function) -> bool:
    return any(isinstance(node, YIELDS) for node in own_nodes(function))


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """(module, line) of everything that a file imports, wherever it does."""
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name(file)}:{node.lineno}: a relative import"
            assert node.module
            yield node.module, node.lineno
            for alias in node.names:
                if (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists():
                    yield f"{node.module}.{alias.name}", node.lineno


def under(module: str, roots: set[str]) -> bool:
    return any(module == root or module.startswith(f"{root}.") for root in roots)


# --- handlers


def misplaced_yields(tree: ast.AST) -> list[str]:
    """Yields that are not a whole statement, a whole assigned value or a whole return value."""
    whole = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return))
    }
    return [
        f"line {node.lineno}: a yield inside an expression hides a value from the node"
        for node in ast.walk(tree)
        if isinstance(node, YIELDS) and id(node) not in whole
    ]


def hidden_state(tree: ast.AST) -> list[str]:
    """Yields inside blocks that keep values of their own: for, with, try, comprehensions."""
    blocks = (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Try, ast.Match)
    return [
        f"line {node.lineno}: {type(node).__name__} around a yield; use `while`"
        for node in ast.walk(tree)
        if isinstance(node, blocks) and any(isinstance(n, YIELDS) for n in ast.walk(node))
    ]


def shared_state(tree: ast.AST) -> list[str]:
    """globals, closures, and default values that could change."""
    found = []
    for function in functions(tree):
        for node in own_nodes(function):
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                found.append(f"line {node.lineno}: {type(node).__name__.lower()}")
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                found.append(f"line {node.lineno}: a function inside {function.name}")
        for default in [*function.args.defaults, *function.args.kw_defaults]:
            if default is not None and not isinstance(default, ast.Constant):
                found.append(f"line {default.lineno}: a default that could change")
    return found


@pytest.mark.parametrize("file", PROGRAMS, ids=name)
def test_a_yield_stands_alone(file: Path) -> None:
    assert misplaced_yields(parse(file)) == []


@pytest.mark.parametrize("file", PROGRAMS, ids=name)
def test_no_block_hides_state_around_a_yield(file: Path) -> None:
    assert hidden_state(parse(file)) == []


@pytest.mark.parametrize("file", PROGRAMS, ids=name)
def test_handlers_share_no_state(file: Path) -> None:
    assert shared_state(parse(file)) == []


@pytest.mark.parametrize("file", PROGRAMS, ids=name)
def test_handlers_never_import_the_machine(file: Path) -> None:
    assert [found for found in imports(file) if under(found[0], MACHINE)] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("def f(k):\n    x = (yield 1) + (yield 2)", misplaced_yields),
        ("def f(k):\n    if (yield 1):\n        return 2", misplaced_yields),
        ("def f(k):\n    g((yield 1))", misplaced_yields),
        ("def f(k):\n    for x in y:\n        yield x", hidden_state),
        ("def f(k):\n    with y:\n        yield 1", hidden_state),
        ("def f(k):\n    try:\n        yield 1\n    finally:\n        pass", hidden_state),
        ("def f(k):\n    global x\n    yield 1", shared_state),
        ("def f(k, seen=[]):\n    yield 1", shared_state),
        ("def f(k):\n    def g():\n        return k\n    yield g", shared_state),
    ],
)
def test_the_rules_can_fail(text: str, rule: object) -> None:
    assert callable(rule) and rule(ast.parse(text))


def test_no_op_call_goes_nowhere() -> None:
    """An op that is made but not yielded would silently do nothing."""
    for file in PROGRAMS:
        for node in ast.walk(parse(file)):
            lost = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not lost, f"{name(file)}:{node.lineno}: a call that is not yielded"  # type: ignore[attr-defined]


# --- layers


@pytest.mark.parametrize("file", FILES, ids=name)
def test_the_engine_knows_nothing_of_the_web(file: Path) -> None:
    web = {"app", "fastapi", "starlette", "uvicorn", "jinja2", "sqlalchemy"}
    # `faultwalk serve` starts the app, and only on request.
    allowed = name(file) == "engine/cli.py" or name(file).startswith("engine/cli/")
    assert allowed or [found for found in imports(file) if under(found[0], web)] == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_pydantic_stays_at_the_door(file: Path) -> None:
    assert name(file) in PYDANTIC or not [i for i in imports(file) if under(i[0], {"pydantic"})]


def layer_of(module: str) -> int | None:
    """The layer of a module of the engine, None if it has none."""
    part = module.removeprefix("engine.").partition(".")[0]
    return next((number for number, layer in enumerate(LAYERS) if part in layer), None)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_imports_point_down(file: Path) -> None:
    here = layer_of(name(file).removesuffix(".py").replace("/", "."))
    if file.parent == ENGINE and file.stem in DOORS:
        return
    assert here is not None, "give it a layer"
    up = [
        f"line {line}: {module}"
        for module, line in imports(file)
        if module.startswith("engine.") and (layer_of(module) is None or layer_of(module) > here)  # type: ignore[operator]
    ]
    assert up == []


# --- documents and sizes


def test_every_op_is_documented_and_has_a_verb() -> None:
    assert set(OPS) == set(VERBS)
    for spec in OPS.values():
        assert spec.doc, f"{spec.name} says nothing"


def test_every_invariant_is_documented() -> None:
    for invariant in INVARIANTS.values():
        assert invariant.source


def test_every_kernel_has_a_date_and_a_title_and_its_changes() -> None:
    for kernel in HISTORY:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", kernel.date)
        assert kernel.title
        assert kernel.parent is None or kernel.parent in engine.kernels.KERNELS
        missing = set(kernel.changes) - set(kernel.functions)
        assert not missing


@pytest.mark.parametrize("file", HANDLERS, ids=name)
def test_every_handler_names_its_source(file: Path) -> None:
    silent = []
    for function in functions(parse(file)):
        text = ast.get_docstring(function) or ""
        if file.stem not in ("drivers", "pgtable") and is_handler(function):
            if not SOURCE.search(text):
                silent.append(function.name)
        elif not text:
            silent.append(function.name)
    if file.stem == "pgtable":
        assert SOURCE.search(ast.get_docstring(parse(file)) or "")
    assert silent == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_module_and_public_function_is_documented(file: Path) -> None:
    tree = parse(file)
    assert ast.get_docstring(tree) or not tree.body
    if file.parent.name == "verbs":
        return  # an op says what its verb does
    assert [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ] == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_nothing_is_too_long_to_read(file: Path) -> None:
    lines = len(file.read_text().splitlines())
    # The vocabulary is one list, and reads as one.
    assert lines <= MAX_FILE or name(file) == "engine/ops.py"
    most = KERNEL_FUNCTION if file in HANDLERS else MAX_FUNCTION
    long = {
        f.name: f.end_lineno - f.lineno + 1
        for f in functions(parse(file))
        if f.end_lineno and f.end_lineno - f.lineno >= most
    }
    assert long == {}
