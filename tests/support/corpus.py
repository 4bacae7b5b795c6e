"""The real pull requests that some tests measure against: not part of the project, and left out where they are not."""

import os
from pathlib import Path

import pytest

needs_corpus = pytest.mark.skipif(
    "FLUXMIG_CORPUS" not in os.environ, reason="FLUXMIG_CORPUS names no folder with labelled.jsonl and its neighbours"
)


def corpus_file(name: str) -> Path:
    return Path(os.environ["FLUXMIG_CORPUS"], name)
