"""Who holds a port, for the message that says it is busy. Other people's processes may stay unknown."""

import re
import shutil
import subprocess
from pathlib import Path

from project.up.processes import command_line

LISTENING = "0A"
SHOWN_LENGTH = 80


def describe_holder(port: int) -> str:
    """`process 123 (its command)`, or empty when we cannot tell."""
    pid = find_by_proc(port) or find_by_lsof(port)
    if pid is None:
        return ""
    command = command_line(pid)
    shown = command if len(command) <= SHOWN_LENGTH else f"{command[:SHOWN_LENGTH]}…"
    return f"process {pid} ({shown})"


def find_by_proc(port: int) -> int | None:
    """Linux: the process that has the listening socket among its open files."""
    wanted = {f"socket:[{inode}]" for inode in list_inodes(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*") if wanted else ():
        try:
            if str(link.readlink()) in wanted:
                return int(link.parts[2])
        except OSError:
            continue
    return None


def list_inodes(port: int) -> list[str]:
    """The sockets that listen on the port, from the kernel's tables."""
    tables = [table for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if table.exists()]
    sockets = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return [
        columns[9] for columns in sockets if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port
    ]


def find_by_lsof(port: int) -> int | None:
    """MacOS: ask lsof."""
    if shutil.which("lsof") is None:
        return None
    words = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fp"]
    asked = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    match = re.search(r"^p(\d+)$", asked.stdout, re.MULTILINE)
    return int(match[1]) if match else None
