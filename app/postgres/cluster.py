"""Making the cluster, and saying who may enter it.

A cluster is made under another name and renamed when it is complete, so an interrupted set-up leaves nothing that
looks like a database. Where the server's user cannot walk to the directory, it is started *in* it: the working
directory needs no walk, and `/proc/self/cwd` is its name.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.postgres.binaries import Binaries
from app.postgres.errors import PostgresError, PostgresFailed, PostgresInUse
from app.postgres.identity import Identity, user_name
from app.postgres.leftovers import wait_until_left
from app.postgres.process import ENVIRONMENT, launch_command

USER = "fluxmig"
DATABASE = "fluxmig"


def home_argument(cluster: Path, identity: Identity) -> str:
    """How a program that runs as `identity`, with `cluster` as its working directory, names that directory."""
    return str(cluster) if identity.reaches(cluster) else "/proc/self/cwd"


def make_cluster(cluster: Path, binaries: Binaries, identity: Identity, log: Path, *, durable: bool) -> None:
    """A new cluster with our user and our empty database, in UTF-8 whatever the machine's locale is."""
    unfinished = cluster.with_name(cluster.name + ".new")
    if unfinished.exists():
        holder = wait_until_left(unfinished, patience=10)
        if holder is not None:
            raise PostgresInUse(cluster.parent, holder)
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    identity.hand_over(unfinished)
    home = home_argument(unfinished, identity)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    # --no-clean: an initdb that is interrupted would clear the directory beside us, who do so anyway.
    initdb = [str(binaries.initdb), "-D", home, "-U", USER, "-A", "peer", "--no-instructions", "--no-clean", *locale]
    _run(initdb if durable else [*initdb, "--no-sync"], unfinished, identity, log)
    single = [str(binaries.postgres), "--single", "-D", home, "-c", f"fsync={'on' if durable else 'off'}", "postgres"]
    _run(single, unfinished, identity, log, statement=f"create database {DATABASE}\n")
    unfinished.rename(cluster)
    if durable:
        _sync_directory(cluster.parent)


def admit_owner(cluster: Path, identity: Identity) -> None:
    """Let in this process' own user, by the kernel's word, and nobody else: no passwords, no network.

    https://www.postgresql.org/docs/18/auth-peer.html
    """
    owner = user_name(os.geteuid())
    _write(cluster / "pg_hba.conf", f"local all {USER} peer map=owner\n", identity)
    _write(cluster / "pg_ident.conf", f'owner "{owner}" {USER}\n', identity)


def require_same_user(cluster: Path, identity: Identity) -> None:
    """A cluster belongs to one user for its whole life; say so before PostgreSQL does."""
    found = cluster.stat().st_uid
    if found == identity.uid:
        return
    try:
        name = pwd.getpwuid(found).pw_name
    except KeyError:
        name = str(found)
    raise PostgresError(
        f"The database in {cluster.parent} belongs to the user {name}; fluxmig runs as {user_name(os.geteuid())}. "
        "Run it as before, or use another data directory."
    )


def _run(command: Sequence[str], cwd: Path, identity: Identity, log: Path, *, statement: str | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own launcher and a program by its full path
        launch_command(identity, command),
        cwd=cwd,
        env=ENVIRONMENT,
        input=(statement or "").encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        check=False,
    )
    with log.open("ab") as file:
        file.write(done.stdout)
    if done.returncode != 0:
        tail = done.stdout.decode(errors="replace")[-2000:].strip()
        raise PostgresFailed("PostgreSQL's set-up failed.", log, tail)


def _write(path: Path, text: str, identity: Identity) -> None:
    path.write_text(text, encoding="utf-8")
    identity.hand_over(path)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
