"""The product's own processes on one machine: migrate, set up, then worker, web and demo."""

import http.client
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from project.up import processes
from project.up.banner import write_banner
from project.up.errors import ServiceError, StopRequestedError
from project.up.lock import read_note, write_note
from project.up.options import Options
from project.up.processes import Command
from project.up.supervisor import Supervisor

SLOW_SECONDS = 60
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  recognised, not chosen


def run_product(options: Options, port: int, supervisor: Supervisor) -> None:
    """Prepare the database, start all processes, say where they are, and watch them."""
    env = make_environment(options, port)
    supervisor.say("up", "preparing the database")
    run_step(manage(options, env, "migrate", "--verbosity", "0"), supervisor)
    run_step(manage(options, env, "setup"), supervisor)
    supervisor.add(manage(options, env, "qcluster", name="worker"))
    supervisor.add(serve_web(options, port, env))
    host = ANY_ADDRESS.get(options.host, options.host)
    wait_for_web(host, port, supervisor)
    if options.demo:
        supervisor.add(manage(options, env, "demo"))
    announce(options, f"http://{f'[{host}]' if ':' in host else host}:{port}", supervisor)
    supervisor.watch()


def make_environment(options: Options, port: int) -> dict[str, str]:
    """What the children see beside our own environment."""
    env = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1", "DIAGNOSTICS_DATA": str(options.data)}
    env["DEMO"] = "1" if options.demo else "0"
    if not options.public_url.startswith("https:"):
        env.setdefault("HTTPS", "0")  # we serve plain HTTP: redirects to https would lead nowhere
    if options.demo:  # its own webhook receiver is on loopback
        env.setdefault("DELIVERY_ALLOWED_NETWORKS", "127.0.0.0/8")
        env.setdefault("DELIVERY_ALLOW_HTTP", "1")
    return env


def manage(options: Options, env: Mapping[str, str], *words: str, name: str = "") -> Command:
    """A management command as a process."""
    return Command(name or words[0], [sys.executable, options.base / "manage.py", *words], env, cwd=options.base)


def serve_web(options: Options, port: int, env: Mapping[str, str]) -> Command:
    """The web server: processes that share the port. Forwarded addresses are believed of TRUSTED_PROXIES only."""
    proxies = ",".join(options.trusted_proxies)
    words: list[str] = [
        sys.executable, "-m", "uvicorn", "project.asgi:application", "--host", options.host, "--port", str(port),
        "--http", "project.http_protocol:BoundedHttp", "--log-level", "warning", "--no-access-log", "--no-server-header",
        "--lifespan", "off", "--ws-max-size", "65536", "--timeout-graceful-shutdown", "5",
        "--workers", str(options.web_processes), "--timeout-worker-healthcheck", "30",
        *(["--forwarded-allow-ips", proxies] if proxies else ["--no-proxy-headers"]),
    ]  # fmt: skip
    return Command("web", words, env, cwd=options.base)


def run_step(command: Command, supervisor: Supervisor) -> None:
    """Run one command to its end; ServiceError with its output when it fails."""
    process = processes.start(command)
    output = None
    try:
        while output is None:
            if supervisor.stopping.is_set():
                raise StopRequestedError
            with suppress(subprocess.TimeoutExpired):
                output, _ = process.communicate(timeout=0.1)
    finally:
        processes.stop(process, command)
    if process.returncode != 0:
        raise ServiceError(f"`manage.py {command.name}` failed:\n{output.decode(errors='replace')}")


def wait_for_web(host: str, port: int, supervisor: Supervisor) -> None:
    """Return when the web server answers; say so when that takes long (its own lines tell why)."""
    rounds = 0
    while not answers(host, port):
        if supervisor.stopping.wait(0.1):
            raise StopRequestedError
        supervisor.look_after_all()
        rounds += 1
        if rounds == SLOW_SECONDS * 10:
            supervisor.say("up", f"the web server still does not answer on port {port}; see the lines above")


def answers(host: str, port: int) -> bool:
    """Ask for /livez, straight: the environment's proxies are for the world outside."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/livez", headers={"X-Forwarded-Proto": "https"})
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(options: Options, url: str, supervisor: Supervisor) -> None:
    """Leave word what runs, for a second `up` and for the demo, and print it."""
    note = {"web_url": url, "pid": os.getpid(), "groups": supervisor.groups()}
    write_note(options.data / "runtime.json", note)
    supervisor.print(write_banner(url, read_note(options.data / "credentials.json"), demo=options.demo))
