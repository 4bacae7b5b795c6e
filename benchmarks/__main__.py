"""Run every benchmark, print one table, and write it with the picture of the growth into docs/explanation."""

import asyncio

from rich.console import Console
from rich.table import Table

from app.logging import configure_logging
from benchmarks.ack import measure_ack
from benchmarks.growth import draw_growth, measure_growth
from benchmarks.page import write_page
from benchmarks.plan import measure_plan
from benchmarks.replan import measure_replan
from benchmarks.report import Figure
from benchmarks.scan import measure_scan


def main() -> None:
    configure_logging("json")
    acks = asyncio.run(measure_ack())
    planning: list[Figure] = [*measure_scan(), *measure_plan(), *measure_replan()]
    panels = measure_growth()
    draw_growth(panels)
    write_page(planning, panels)
    table = Table("what", "figure", "beside its floor", title="fluxmig")
    for figure in [*acks, *planning]:
        table.add_row(figure.what, figure.value, figure.ratio)
    for panel in panels:
        for line in panel.lines:
            table.add_row(f"{panel.title}: {line.name}", f"n^{line.exponent:.2f}", panel.up)
    Console(width=130).print(table)


main()
