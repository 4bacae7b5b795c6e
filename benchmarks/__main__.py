"""Run every benchmark and print one table."""

import asyncio

from rich.console import Console
from rich.table import Table

from app.logging import configure_logging
from benchmarks.ack import measure_ack
from benchmarks.plan import measure_plan
from benchmarks.report import Figure


def main() -> None:
    configure_logging("json")
    figures: list[Figure] = [*asyncio.run(measure_ack()), *measure_plan()]
    table = Table("what", "figure", "beside its floor", title="fluxmig")
    for figure in figures:
        table.add_row(figure.what, figure.value, figure.ratio)
    Console(width=120).print(table)


main()
