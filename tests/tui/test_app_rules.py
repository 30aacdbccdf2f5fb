"""X3 and the house's promises about keys and names, held to the code itself."""

import ast
import inspect
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

import wainbox_tui
from wainbox_tui.actions import ACTIONS, GO, STATUS
from wainbox_tui.app import WainboxApp
from wainbox_tui.screens.inbox import InboxScreen

SOURCE = Path(wainbox_tui.__file__).parent
FORBIDDEN_CALLS = {"from_markup", "notify", "render_markup", "escape_markup", "open_url"}
FORBIDDEN_NAMES = {
    "Markdown", "Static", "Label", "OptionList", "DataTable", "RichLog", "Input", "TextArea",
    "Button", "ListView", "Tooltip", "Toast",
}  # fmt: skip
"""What parses markup, opens links or passes escapes on; our own widgets draw their own rows."""


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(SOURCE)))
def test_no_text_reaches_markup(file: Path):
    """X3: nothing here asks Textual to read markup, to notify, or to show text by its widgets."""
    found = [f"{file.name}:{node.lineno} {what}" for node, what in _findings(file)]
    assert not found


def _findings(file: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.keyword(arg="markup", value=ast.Constant(value=True)):
                yield node, "markup=True"
            case ast.Attribute(attr=name) if name in FORBIDDEN_CALLS | {"tooltip", "border_title"}:
                yield node, name
            case ast.ImportFrom(names=names):
                yield from ((node, n.name) for n in names if n.name in FORBIDDEN_NAMES)
            case ast.Call(func=ast.Name(id="Safe"), args=[ast.JoinedStr() as text]):
                yield from ((node, "foreign text in Safe(f…)") for _ in _unsafe_parts(text))


FOREIGN = {"text", "name", "body", "caption", "title", "profile", "username", "phone", "reason"}


def _unsafe_parts(text: ast.JoinedStr) -> Iterator[ast.AST]:
    """Attributes of what came from outside, put into a text that claims to be safe."""
    for part in text.values:
        if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Attribute):
            root = part.value
            if root.attr in FOREIGN and not _ours(root):
                yield part


def _ours(node: ast.Attribute) -> bool:
    """An action's own title is ours."""
    return isinstance(node.value, ast.Name) and node.value.id in {"action", "hint"}


def test_the_rule_sees_what_it_forbids(tmp_path: Path):
    """A rule that finds nothing in a bad file would prove nothing."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from textual.widgets import Static\n"
        "app.notify(card.name)\n"
        "Content.from_markup(text)\n"
        "Text(x, markup=True)\n"
        "Safe(f'hello {card.name}')\n"
    )
    assert len(list(_findings(bad))) == 5


def test_one_key_does_one_thing():
    """A key names one action, wherever one is; after `g` and `s` too."""
    meanings = defaultdict(set)
    for action in ACTIONS:
        for key in (action.key, *action.also):
            if key:
                meanings[key].add(action.id)
    assert {key: ids for key, ids in meanings.items() if len(ids) > 1} == {}
    known = {action.id for action in ACTIONS}
    assert set(GO.values()) | set(STATUS.values()) <= known


def test_keys_can_be_struck_without_shift():
    """Every default is an unshifted letter other than b, or a key with a name; the rest are
    aliases, but for the marks that have no letter."""
    for action in ACTIONS:
        single = len(action.key) == 1
        assert not single or action.key in "acdefghijklmnopqrstuvwxyz-?", action.id


def _classes(base: type) -> list[type]:
    for module in walk_packages(wainbox_tui.__path__, "wainbox_tui."):
        if "__main__" not in module.name:
            import_module(module.name)
    ours, left = [], [base]
    while left:
        for child in left.pop().__subclasses__():
            left.append(child)
            if child.__module__.startswith("wainbox_tui"):
                ours.append(child)
    return ours


MEANT = {
    "__annotations__", "__doc__", "__init__", "__module__", "__slots__", "BINDINGS", "CSS",
    "DEFAULT_CSS", "ENABLE_COMMAND_PALETTE", "ALLOW_SELECT", "compose", "render_line",
    "post_message", "can_focus", "can_focus_children", "_fatal_error", "panic",
    "_print_error_renderables",
}  # fmt: skip
"""Names of Textual's that are there to be taken over."""


def _shadowed(ours: type) -> set[str]:
    bases = [base for base in ours.__mro__[1:] if base.__module__.startswith(("textual", "rich"))]
    theirs = set().union(*(vars(base) for base in bases))
    mine = {name for name in vars(ours) if not name.startswith(("_textual", "__", "_abc"))}
    mine |= _assigned(ours)
    handlers = {name for name in mine if name.startswith(("on_", "_on_", "watch_", "action_"))}
    return (mine & theirs) - MEANT - handlers - _generated(ours)


def _assigned(ours: type) -> set[str]:
    """Attributes set in methods of the class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(ours)))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def _generated(ours: type) -> set[str]:
    """What Textual itself writes into every subclass."""
    return {name for name in vars(ours) if name.startswith("_")} & {
        "_inherit_css", "_inherit_bindings", "_css_type_name", "_css_type_names",
        "_merged_bindings", "_reactives", "_computes", "_decorated_handlers",
        "_inherit_component_classes", "_inherit_reactive", "_selector_names", "_classes", "_parser",
    }  # fmt: skip


SETTINGS = {"display", "get_default_screen", "styles", "theme", "title"}
"""Names of Textual's that are meant to be set."""


@pytest.mark.parametrize("base", [App, Screen, Widget], ids=lambda base: base.__name__)
def test_no_name_of_textuals_is_taken_by_accident(base: type):
    """An attribute of ours never hides one of the framework's."""
    taken = {ours.__name__: _shadowed(ours) - SETTINGS for ours in _classes(base)}
    assert {name: found for name, found in taken.items() if found} == {}
    assert {WainboxApp, InboxScreen} <= set(_classes(App)) | set(_classes(Screen))


def test_messages_keep_off_textuals_names():
    """A message's field called time, bubble, control, verbose or namespace breaks it silently."""
    kept = {"time", "bubble", "control", "verbose", "namespace", "no_dispatch", "handler_name"}
    for ours in _classes(Message):
        assert not kept & set(getattr(ours, "__dataclass_fields__", {})), ours
