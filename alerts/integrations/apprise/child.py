"""Sends one message through Apprise, in a process of its own that can do nothing else.

Apprise has some 150 plug-ins that call whomever their address names, follow redirects and may read local files. So an
audit hook of the interpreter stands below all of them: connections go to public hosts on https's ports (or to networks
that the operator vouches for), nothing is started, and no file outside of the interpreter's own is opened. Reads a job
as JSON from standard input and answers with JSON; no credential of the product is in its environment.
"""

import ipaddress
import json
import os
import resource
import site
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

import apprise

from alerts.delivery.addresses import PORTS, are_within, is_public
from alerts.integrations.apprise.wording import arrange

MEMORY: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 20
FORBIDDEN: Final = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.remove", "os.rename",
                    "os.putenv", "ctypes.dlopen", "shutil.", "ftplib.", "smtplib.", "telnetlib.", "pty.")  # fmt: skip
# Encrypted, but not https.
OTHER_PROTOCOLS: Final = frozenset({"amqps", "ircs", "mailtos", "mqtts", "smpps", "xmpps", "aprs", "sftp", "ftps"})
READABLE: Final = tuple(
    str(Path(path).resolve())
    for path in {
        sys.prefix, sys.base_prefix, *site.getsitepackages(), sysconfig.get_paths()["stdlib"], "/etc/ssl", "/usr/share/zoneinfo",
        "/usr/lib/ssl", "/usr/share/ca-certificates", "/dev/null", "/dev/urandom",
    }
)  # fmt: skip


class Barred(Exception):
    """What the child may not do."""


class Guard:
    """The audit hook."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse by raising: the call that was watched does not happen."""
        if event.startswith(FORBIDDEN):
            raise Barred(event)
        if event in ("socket.connect", "socket.sendto", "socket.bind"):
            self.check_peer(event, args[1])
        elif event == "open":
            check_file(args[0], args[2])

    def check_peer(self, event: str, place: Any) -> None:
        """Only addresses of public hosts, on https's ports, by TCP."""
        if event != "socket.connect" or not isinstance(place, tuple):
            raise Barred("only connections to hosts")
        try:
            address = ipaddress.ip_address(str(place[0]))
        except ValueError:
            raise Barred("only connections to addresses") from None
        if are_within([address], self.allowed):
            return
        if not is_public(address) or place[1] not in PORTS:
            raise Barred("only connections to public hosts")


def check_file(path: Any, flags: Any) -> None:
    """Reading what the interpreter needs, and nothing else."""
    if isinstance(path, int):
        return
    if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        raise Barred("no writing")
    full = os.path.realpath(os.fsdecode(path))
    if not full.startswith(READABLE):
        raise Barred("no files")


def schema_of(url: str) -> str:
    """What stands before '://'."""
    return url.split("://", 1)[0].lower()


def is_https(plugin: Any, schema: str, allow_http: bool) -> bool:
    """Whether the plug-in speaks https under this name; http only where the operator allows it."""
    if schema in OTHER_PROTOCOLS:
        return False
    return schema in words_of(plugin.secure_protocol) or (allow_http and schema in words_of(plugin.protocol))


def words_of(value: Any) -> tuple[str, ...]:
    """One name, several, or none."""
    return () if not value else (value,) if isinstance(value, str) else tuple(value)


def read_plugin(url: str, allow_http: bool) -> tuple[Any, str]:
    """(plug-in, problem): one of them is empty."""
    plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if plugin is None:
        return None, "Address: Apprise does not understand it."
    if not is_https(plugin, schema_of(url), allow_http):
        return None, "Address: only services that are reached by https at public hosts."
    plugin.verify_certificate = True  # an address may ask for less
    return plugin, ""


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Check the address, or send."""
    sys.addaudithook(Guard(job["allowed_networks"]))
    plugin, problem = read_plugin(job["url"], job["allow_http"])
    if problem or job["check_only"]:
        return {"ok": not problem, "problem": problem}
    try:
        return {"ok": deliver(plugin, job), "problem": ""}
    except Barred:
        return {"ok": False, "problem": "Address: it leads where alerts may not go."}


def deliver(plugin: Any, job: dict[str, Any]) -> bool:
    """Whether the plug-in says that its service took the message. It is asked itself: `Apprise.notify` would swallow what the
    hook raises."""
    return bool(plugin.notify(**arrange(plugin, job), notify_type=job["type"]))


def main() -> None:
    """One job."""
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    job = json.load(sys.stdin)
    apprise.Apprise.instantiate("json://127.0.0.1/")  # loads the plug-ins, which looks into folders
    answer = work(job)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
