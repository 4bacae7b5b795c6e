"""The `fluxmig` command. Each module beside this one holds one command or a few of one kind.

A command's module is imported when the command is asked for: `fluxmig classify` needs neither web nor database.
"""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import typer
from typer.core import TyperGroup

MODULES = {
    "serve": "app.cli.service",
    "worker": "app.cli.service",
    "upgrade-database": "app.cli.service",
    "healthcheck": "app.cli.service",
    "plan": "app.cli.plan",
    "classify": "app.cli.classify",
    "accuracy": "app.cli.accuracy",
    "ordering": "app.cli.ordering",
    "catalogue": "app.cli.catalogue",
    "lint": "app.cli.lint",
    "schema": "app.cli.lint",
    "migrate": "app.cli.migrate",
    "upgrade": "app.cli.upgrade",
    "milestone": "app.cli.milestone",
    "check": "app.cli.check",
    "explain": "app.cli.show",
    "doctor": "app.cli.show",
    "sync": "app.cli.show",
    "replay": "app.cli.show",
    "notify": "app.cli.notify",
}


class _LazyGroup(TyperGroup):
    """Ours by the table above; what comes with an extra, such as the demo, hooks itself in as an entry point.

    Typer carries a Click of its own that has no public name, hence the `Any`.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [*MODULES, *(entry.name for entry in entry_points(group="fluxmig.commands"))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name in MODULES:
            function = getattr(import_module(MODULES[cmd_name]), cmd_name.replace("-", "_"))
        else:
            hooked = list(entry_points(group="fluxmig.commands", name=cmd_name))
            if not hooked:
                return None
            function = hooked[0].load()
        if isinstance(function, typer.Typer):
            return typer.main.get_command(function)
        single = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
        single.command(name=cmd_name)(function)
        return typer.main.get_command(single)


cli = typer.Typer(
    name="fluxmig",
    cls=_LazyGroup,
    help="Keeps Renovate's pull requests in the order in which a Flux cluster can take them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.callback()
def _root() -> None:
    """Keeps Renovate's pull requests in the order in which a Flux cluster can take them."""
