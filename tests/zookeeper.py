"""A ZooKeeper for tests, which stands for ClickHouse Keeper; Debian's package brings it."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import HOST, eventually, free_port

LIBRARIES = Path("/usr/share/java")
CONFIGURATION = """\
tickTime=500
dataDir={directory}
clientPort={port}
clientPortAddress={host}
admin.enableServer=false
4lw.commands.whitelist=ruok
"""


def missing() -> str:
    """Return why it cannot run here; '' if it can."""
    there = shutil.which("java") and (LIBRARIES / "zookeeper.jar").exists()
    return "" if there else "needs ZooKeeper: apt-get install zookeeper"


@contextmanager
def zookeeper(directory: Path) -> Iterator[int]:
    """Run one; yield its port when it answers."""
    directory.mkdir(parents=True)
    port, file = free_port(), directory / "zoo.cfg"
    file.write_text(CONFIGURATION.format(directory=directory, port=port, host=HOST), "utf-8")
    main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    command = ["java", "-Xmx128m", "-cp", f"{LIBRARIES}/*", main, str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: answers(port))
            yield port
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"ruok")
            return connection.recv(4) == b"imok"
    except OSError:
        return False
