"""Imports point one way, downward in the table below, and what is heavy is loaded only where it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "spamrec"

# Each part of the program, its modules, and the parts it may import: the design's table, from the bottom up. A new
# module belongs to one part; a part that is not written yet has its place already.
PARTS: dict[str, tuple[str, str]] = {
    "errors": ("errors statuses", ""),
    "patterns": ("patterns digests", ""),
    "files": ("files", "errors"),
    "limits": ("limits", ""),
    "message": (
        "message addresses body closing dates decoding disclaimers domains htmltext links mime quoting styles",
        "errors patterns",
    ),
    "sources": ("sources", "errors patterns"),
    "linkedin": ("linkedin linkedin_export linkedin_frame linkedin_tables notices", "errors message"),
    "places": ("places gazetteer placescope placetext placewords", "errors patterns"),
    "pay": ("pay", "patterns"),
    "profile": ("profile", "errors places pay patterns"),
    "phrases": ("lookalikes phrases", "patterns"),
    "manners": ("salutation unsubscribe wishes", "message patterns phrases profile"),
    "history": (
        "history lessons letters parties schema senders standing store",
        "errors patterns message linkedin phrases profile manners",
    ),
    "pitch": ("pitch", "message phrases places pay profile"),
    "fit": ("fit", "pay pitch places profile"),
    "evidence": ("evidence", "message linkedin phrases places pay profile history pitch fit manners"),
    "signals": (
        "signals measures vocabulary",
        "patterns message linkedin phrases pitch profile history fit manners evidence",
    ),
    "tokens": ("tokens tokenweights", "patterns message"),
    "model": ("model", "errors patterns tokens"),
    "verdict": ("verdict", "pitch"),
    "classifier": (
        "classifier tokenverdict",
        "errors message linkedin phrases pitch profile history evidence signals tokens model verdict",
    ),
    "corpus": ("corpus", "errors sources message profile history evidence verdict"),
    "rates": ("rates", "errors"),
    "training": ("calibration training", "errors corpus signals model classifier rates verdict"),
    "tokenlearner": ("tokenized tokenlearner", "errors sources message corpus training rates tokens model verdict"),
    "evaluation": ("evaluation online", "corpus rates training tokenlearner"),
    "learning": (
        "learning personal",
        "errors patterns files message profile history evidence signals model verdict classifier training",
    ),
    "card": ("card", "signals model rates evaluation"),
    "spread": ("spread cluster", "errors"),
    "bulk": ("bulk", "errors files sources message profile history evidence model verdict classifier learning"),
    "batches": ("batches", "errors sources model bulk spread"),
    "own_mail": ("own_mail", "errors sources message evidence classifier corpus training bulk"),
    "imports": ("contacts imports", "errors sources message linkedin history"),
    "tagging": ("tagging", "patterns verdict"),
    "delivery": (
        "delivery",
        "errors limits sources message profile history evidence model verdict classifier bulk tagging",
    ),
    "spamd": ("spamd", "errors"),
    "mailserver": ("account imapserver passwords", "errors"),
    "mailbox": (
        "mailbox mailjudge mailstate",
        "errors limits files message bulk mailserver classifier tagging delivery learning verdict",
    ),
    "moving": ("moving", "errors patterns"),
    "notmuch": ("notmuch", "message patterns verdict bulk"),
    "report": (
        "report figures online_figures streams",
        "notmuch errors places pitch evidence verdict bulk rates evaluation",
    ),
    "causes": ("causes", "corpus signals model classifier verdict training evaluation"),
    "page": ("behaviours evaluation_page plots", "errors rates evaluation causes report"),
    "imap report": ("imap_report", "mailbox report"),
    "server": (
        "answering listeners server workers",
        "errors limits files patterns message sources verdict bulk learning tagging delivery spamd report",
    ),
    "memory": ("conversations remembered", "files linkedin profile verdict history imports report"),
    "setup": ("doctor questions", "errors files linkedin places profile history model learning report"),
    "cli": (
        "cli delivery_commands filtering imap_commands judging_commands learning_commands memory_commands options"
        " serve_commands"
        " setup_commands start talk training_commands __main__",
        "*",
    ),
}
PART_OF = {module: part for part, (modules, _) in PARTS.items() for module in modules.split()}
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")

ONLY_USER = {
    "click": "cli",
    "rich": "report",
    "sklearn": "training",
    "selectolax": "htmltext",
    "sqlite3": "history",
    "imapclient": "mailserver",
    "keyring": "mailserver",
}
"""The one part, or module, that knows a library."""
NEVER = ("pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle")
"""What would run a file as code."""
HEAVY = ("numpy", "scipy", "sklearn", "joblib", "distributed", "dask", "matplotlib", "jinja2", "markupsafe")
"""What is imported inside functions only: it takes longer to load than a message to judge."""


def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))


def imported(node: ast.AST) -> Iterator[str]:
    """Names that an import statement loads: `spamrec.message`, `numpy`, `re`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = f"spamrec.{node.module or ''}".rstrip(".") if node.level else str(node.module)
        if module == "spamrec":
            yield from (f"spamrec.{alias.name}" for alias in node.names)
        else:
            yield module


def own(module: str) -> set[str]:
    """Modules of the package that one imports, wherever in it."""
    found = (name for node in ast.walk(tree(module)) for name in imported(node))
    return {name.split(".")[1] for name in found if name.startswith("spamrec.")} & set(MODULES)


def foreign(module: str) -> set[str]:
    """Top-level packages, not our own, that a module imports, wherever in it."""
    return {name.split(".")[0] for node in ast.walk(tree(module)) for name in imported(node)} - {"spamrec"}


def at_start(nodes: list[ast.stmt]) -> Iterator[str]:
    """What is imported when a module is loaded: not in functions, nor for the type checker alone."""
    for node in nodes:
        yield from imported(node)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from at_start(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ("body", "orelse", "finalbody"):
                yield from at_start(getattr(node, inner, []))
            for handler in getattr(node, "handlers", []):
                yield from at_start(handler.body)


# --- the package -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_part_may(module: str) -> None:
    assert module in PART_OF, f"{module}.py has no place in the table of {__file__}"
    part = PART_OF[module]
    allowed = PARTS[part][1].split()
    beyond = {name for name in own(module) if PART_OF.get(name) != part and PART_OF.get(name) not in allowed}
    assert not beyond or allowed == ["*"], f"{module} ({part}) imports {', '.join(sorted(beyond))}"


def test_the_table_points_downward() -> None:
    """A part imports parts above it in the table only, so that no change of the table brings a circle in."""
    order = list(PARTS)
    for part, (_, allowed) in PARTS.items():
        above = set(order[: order.index(part)])
        assert set(allowed.split()) - {"*"} <= above, part


def test_no_module_imports_itself_by_a_detour() -> None:
    """Imports inside functions counted."""
    order = list(TopologicalSorter({module: own(module) for module in MODULES}).static_order())
    assert set(order) == set(MODULES)


def test_the_modules_of_the_design_are_found() -> None:
    assert {"message", "profile", "signals", "model", "classifier", "training"} <= set(MODULES)
    assert own("classifier") >= {"message", "model", "signals"}
    assert "numpy" in foreign("training")


# --- libraries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ONLY_USER)
def test_a_library_has_one_user(library: str) -> None:
    users = {module for module in MODULES if library in foreign(module)}
    assert all(ONLY_USER[library] in (module, PART_OF[module]) for module in users), f"{library}: {users}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_reads_a_file_as_code(module: str) -> None:
    assert not foreign(module) & set(NEVER)
    called = {n.func.id for n in ast.walk(tree(module)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"eval", "exec", "__import__"}


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_are_imported_inside_functions(module: str) -> None:
    loaded = {name.split(".")[0] for name in at_start(tree(module).body)}
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("module", ["classifier", "corpus", "evaluation", "training"])
def test_loading_a_module_loads_nothing_heavy(module: str) -> None:
    """In a fresh interpreter, libraries that others import on our behalf included."""
    program = f"import sys, spamrec.{module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
