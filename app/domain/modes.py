"""How much fluxmig may write to the GitHub of a repository. Its owner decides, in its own configuration."""

from enum import StrEnum


class Mode(StrEnum):
    """Each writes what the one before it writes, and more. Answers to people's commands are given in every mode."""

    OBSERVE = "observe"
    """Nothing: pages, REST and command line say what would be written."""
    CHECK = "check"
    """Check runs."""
    ACT = "act"
    """Check runs, labels, and requests to Renovate."""
