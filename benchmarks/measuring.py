"""How figures are taken: CPU time of this process, the median of several runs.

CPU time, because a busy machine takes wall time from whoever runs on it; planning waits for nothing. Garbage collection
is part of it.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def milliseconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return (time.process_time() - began) * 1000


def median(runs: list[float]) -> float:
    return statistics.median(runs)


def machine() -> str:
    """`2 cores of an Example CPU, Python 3.11.7`."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"
