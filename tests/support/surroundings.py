"""What tests must not see: the settings of the person who runs them, and any machine but this one."""

import ipaddress
import os
import sys

KEPT = {"FLUXMIG_CORPUS", "FLUXMIG_GITHUB_SCHEMAS", "FLUXMIG_TRAFFIC", "FLUXMIG_TEST_DATABASE_URL"}
SCRUBBED = ("FLUXMIG_", "GITHUB_", "PG")


class OutsideConnection(RuntimeError):
    """A test reached out. Not an OSError, which retries and clients would take for a passing fault."""


def scrub_environment() -> None:
    for name in list(os.environ):
        if name == "DATABASE_URL" or (name.startswith(SCRUBBED) and name not in KEPT):
            del os.environ[name]


def close_sockets() -> None:
    """Refuse Python's connections to all but this machine. An audit hook stays for the life of the process."""
    sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise OutsideConnection(f"A test tried to connect to {address[0]}; tests stay on this machine.")


def _is_here(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
