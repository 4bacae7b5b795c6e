"""The bundled PostgreSQL, really started, really killed."""

import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.postgres import EmbeddedPostgres, PostgresError, PostgresFailed, PostgresInUse
from app.postgres.identity import choose_identity
from app.postgres.leftovers import processes_in

PROJECT = Path(__file__).parents[2]
NO_SYNC = {"fsync": "off"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")

OWNER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from app.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[2]), {"fsync": "off"})
server.start()
print(server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


def begin_owner(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(PROJECT), str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


class Owner:
    """Another process that owns a server: it starts it, prints its pid, and stops it when we close."""

    def __init__(self, data_dir: Path) -> None:
        self.process = begin_owner(data_dir)
        assert self.process.stdout is not None
        self.server_pid = int(self.process.stdout.readline())
        self.server = os.pidfd_open(self.server_pid)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def server_ends(self) -> bool:
        """Whether the server ends within ten seconds; no longer than it takes."""
        ended, _, _ = select.select([self.server], [], [], 10)
        return bool(ended)

    def close(self) -> None:
        self.process.communicate()
        assert self.server_ends()
        os.close(self.server)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(data_dir, NO_SYNC) as running:
        yield running


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_new_directory_becomes_a_database_that_keeps_its_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as first:
        assert ask(first.url, "show fsync") == [("on",)]
        ask(first.url, "create table kept (word text)")
        ask(first.url, "insert into kept values ('Straße 漢字')")
    assert processes_in(data_dir / "cluster") == []

    with EmbeddedPostgres(data_dir, NO_SYNC) as second:
        assert ask(second.url, "select * from kept") == [("Straße 漢字",)]
        assert ask(second.url, "show fsync") == [("off",)]


def test_it_listens_on_no_network_and_admits_its_owner_only(server: EmbeddedPostgres) -> None:
    assert ask(server.url, "show listen_addresses") == [("",)]
    rules = ask(server.url, "select type, user_name, auth_method, options from pg_hba_file_rules")
    assert rules == [("local", ["fluxmig"], "peer", ["map=owner"])]
    assert stat.S_IMODE((server.data_dir / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700


@linux
def test_it_ends_with_an_owner_that_is_killed_and_starts_again_with_its_data(data_dir: Path) -> None:
    owner = Owner(data_dir)
    url = f"postgresql://fluxmig@/fluxmig?host={data_dir}/run"
    ask(url, "create table kept as select generate_series(1, 1000) as number")
    owner.kill()

    with EmbeddedPostgres(data_dir, NO_SYNC) as again:
        assert ask(again.url, "select count(*) from kept") == [(1000,)]
    assert owner.server_ends()
    owner.close()


def test_it_starts_again_after_the_server_itself_was_killed(server: EmbeddedPostgres) -> None:
    ask(server.url, "create table kept as select 1 as number")
    killed = server.pid
    assert killed is not None
    busy = psycopg.connect(server.url)
    busy.execute("insert into kept values (2)")
    os.kill(killed, signal.SIGKILL)
    while server.pid == killed:
        os.sched_yield()
    server.start()
    busy.close()
    assert server.pid not in {None, killed}
    assert ask(server.url, "select * from kept") == [(1,)]


@linux
def test_it_starts_again_after_server_and_owner_were_killed_together(data_dir: Path) -> None:
    owner = Owner(data_dir)
    os.kill(owner.server_pid, signal.SIGKILL)
    owner.kill()
    with EmbeddedPostgres(data_dir, NO_SYNC) as again:
        assert ask(again.url, "select 1") == [(1,)]
    owner.close()


@linux
def test_a_second_start_is_refused_and_names_the_owner(data_dir: Path) -> None:
    owner = Owner(data_dir)
    with pytest.raises(PostgresInUse) as refused:
        EmbeddedPostgres(data_dir, NO_SYNC).start()
    assert refused.value.pid == owner.process.pid
    assert str(refused.value) == (
        f"The database in {data_dir} is in use by process {owner.process.pid}. "
        "Stop that one first, or use another data directory."
    )
    assert ask(f"postgresql://fluxmig@/fluxmig?host={data_dir}/run", "select 1") == [(1,)]
    owner.close()


def test_a_server_that_somebody_else_started_here_is_left_alone(server: EmbeddedPostgres) -> None:
    """The lock is free, but a server works in the directory: nobody's to stop."""
    (server.data_dir / "lock").unlink()
    with pytest.raises(PostgresInUse) as refused:
        EmbeddedPostgres(server.data_dir, NO_SYNC, leftover_seconds=0).start()
    assert refused.value.pid == server.pid
    assert ask(server.url, "select 1") == [(1,)]


def test_a_stale_pid_file_that_names_a_living_program_is_no_obstacle(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, NO_SYNC):
        stale = (data_dir / "cluster" / "postmaster.pid").read_text()
    lines = stale.splitlines()
    identity = choose_identity(data_dir)
    for path, first in ((data_dir / "cluster/postmaster.pid", lines), (data_dir / "run/.s.PGSQL.5432.lock", lines[:5])):
        path.write_text("\n".join([str(os.getpid()), *first[1:]]) + "\n")
        identity.hand_over(path)
    with EmbeddedPostgres(data_dir, NO_SYNC) as again:
        assert ask(again.url, "select 1") == [(1,)]


def test_an_interrupted_set_up_leaves_nothing_behind(data_dir: Path) -> None:
    half = data_dir / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data_dir, NO_SYNC) as server:
        assert ask(server.url, "select 1") == [(1,)]
    assert not half.exists()


@linux
def test_a_set_up_whose_owner_is_killed_half_way_is_begun_again(data_dir: Path) -> None:
    """The programs of the set-up are still at work when the next owner comes."""
    owner = begin_owner(data_dir)
    while not (data_dir / "cluster.new" / "PG_VERSION").exists():
        assert owner.poll() is None
        os.sched_yield()
    owner.kill()
    owner.communicate()
    with EmbeddedPostgres(data_dir, NO_SYNC) as server:
        assert ask(server.url, "select 1") == [(1,)]


@linux
def test_the_thread_that_started_it_may_end(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, NO_SYNC)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    try:
        assert ask(server.url, "select 1") == [(1,)]
    finally:
        server.stop()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    data_dir = tmp_path / ("deep" * 25) / "postgres"
    with EmbeddedPostgres(data_dir, NO_SYNC) as server:
        folder = Path(server.url.partition("host=")[2])
        assert not folder.is_relative_to(data_dir)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert ask(server.url, "select 1") == [(1,)]
    assert not folder.exists()


@as_root
def test_root_lends_the_server_a_user_and_opens_no_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "new" / "postgres", NO_SYNC) as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        capabilities = next(line for line in status.splitlines() if line.startswith("CapEff:")).split()[1]
        assert "0" not in uids
        assert int(capabilities, 16) == 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert closed.stat().st_uid == 0
        assert (closed / "new").stat().st_uid == 0


@as_root
def test_root_in_somebodys_checkout_runs_the_server_as_its_owner(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir(mode=0o700)
    os.chown(checkout, 1, 1)
    with EmbeddedPostgres(checkout / ".data" / "postgres", NO_SYNC) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == 1
        assert (checkout / ".data").stat().st_uid == 1


def test_what_postgres_says_is_in_the_error(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, NO_SYNC):
        pass
    with pytest.raises(PostgresFailed) as failed:
        EmbeddedPostgres(data_dir, {**NO_SYNC, "shared_buffers": "plenty"}).start()
    assert 'invalid value for parameter "shared_buffers": "plenty"' in str(failed.value)
    assert str(failed.value).startswith("PostgreSQL ended while it was starting. The end of ")
    with EmbeddedPostgres(data_dir, NO_SYNC) as server:
        assert ask(server.url, "select 1") == [(1,)]


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(PostgresError, match=r"is not empty and is no data directory of fluxmig: it holds letter\.txt"):
        EmbeddedPostgres(tmp_path).start()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


def test_a_socket_of_another_kind_where_ours_would_go_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    data_dir.mkdir()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(data_dir / "run"))
        with pytest.raises(PostgresError, match="is not a folder of ours"):
            EmbeddedPostgres(data_dir, NO_SYNC).start()


def test_a_log_that_grew_large_makes_room(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "postgres.log").write_bytes(b"x" * 5_000_001)
    with EmbeddedPostgres(data_dir, NO_SYNC) as server:
        assert server.log.stat().st_size < 100_000
    assert (data_dir / "postgres.log.1").stat().st_size == 5_000_001


def test_without_the_wheel_the_answer_is_a_sentence(tmp_path: Path) -> None:
    """An interpreter without site-packages has no wheel, on any machine."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from app.postgres import EmbeddedPostgres, PostgresUnavailable\n"
        "try: EmbeddedPostgres(Path(sys.argv[2])).start()\n"
        "except PostgresUnavailable as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(PROJECT), str(tmp_path / "postgres")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith("No bundled PostgreSQL for ")
    assert "Start one and set DATABASE_URL=postgresql://" in said
    assert not (tmp_path / "postgres").exists()


def test_the_url_is_known_once_it_runs(data_dir: Path) -> None:
    with pytest.raises(PostgresError, match="has not been started"):
        _ = EmbeddedPostgres(data_dir).url
