"""The `fluxmig` command. Each module beside this one holds one command or a few of one kind."""

from importlib.metadata import entry_points

import typer

from app.cli.accuracy import accuracy
from app.cli.classify import classify
from app.cli.plan import plan
from app.cli.service import healthcheck, migrate, serve, worker
from app.cli.show import explain, replay, sync

cli = typer.Typer(
    name="fluxmig",
    help="Keeps Renovate's pull requests in the order in which a Flux cluster can take them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)

for command in (serve, worker, migrate, healthcheck, plan, classify, accuracy, explain, sync, replay):
    cli.command()(command)

# Commands that come with an extra, such as the demo, hook themselves in.
for entry in entry_points(group="fluxmig.commands"):
    cli.command(name=entry.name)(entry.load())
