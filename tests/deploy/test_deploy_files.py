"""The files in deploy/: what can be said of them without systemd and without a container engine running them."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import Task
from django.conf import settings
from django.core.management import get_commands

from tracker import tasks

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PYTHON = "/opt/ai-landscape/.venv/bin/python"
# The one that holds models back itself, by what the others may not do.
SANDBOX = "ai-landscape-evaluator.service"
QUEUES = {str(route["queue"]) for route in settings.CELERY_TASK_ROUTES.values()}


def directives(unit: Path) -> list[tuple[str, str]]:
    return [
        (name.strip(), value.strip())
        for line in unit.read_text().splitlines()
        if line and line[0] not in "#;["
        for name, _, value in [line.partition("=")]
    ]


def values(unit: Path, name: str) -> list[str]:
    return [value for key, value in directives(unit) if key == name]


def python_commands(text: str) -> Iterator[list[str]]:
    """What follows `python` in a command line, a shell's included."""
    for part in re.split(r"&&|\bexec\b", text):
        words = shlex.split(part)
        if words and words[0] in {PYTHON, "python"}:
            yield words[1:]


def known(words: list[str]) -> bool:
    """Whether this project has the command of ours, or the module that is started."""
    if words[0] == "manage.py":
        return words[1] in get_commands()
    return words[0] == "-m" and words[1] in {"celery", "granian", "landscape.local.alive", "landscape.local.assets"}


def queues(words: list[str]) -> set[str]:
    return {queue for at, word in enumerate(words) if word == "--queues" for queue in words[at + 1].split(",")}


def test_every_setting_stands_in_the_example_and_nothing_else(tmp_path: Path) -> None:
    """The names that the settings ask for, as a run of them and their text tell."""
    script = (
        "from landscape import environment\n"
        "class Told(environment.Environment):\n"
        "    def text(self, name, default=''):\n"
        "        print(name)\n"
        "        return super().text(name, default)\n"
        "environment.Environment = Told\n"
        "import landscape.settings\n"
    )
    # What begins with a certain word is read too, and might be there on the machine of the tests.
    bare = {"STATE_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=PROJECT, env=bare, capture_output=True, text=True, check=True)
    asked = set(run.stdout.split())
    text = (PROJECT / "landscape" / "settings.py").read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and re.fullmatch(r"environment\.(?!beginning)\w+", ast.unparse(node.func)):
            asked |= {str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant)}
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    for_compose = {"POSTGRES_PASSWORD", "BROKER_PASSWORD"}
    assert named - for_compose - {"ANYMAIL_WEBHOOK_SECRET", "XDG_STATE_HOME"} == asked - {"XDG_STATE_HOME"}


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_every_unit_starts_what_this_project_has(unit: Path) -> None:
    commands = [
        words
        for name in ("ExecStartPre", "ExecStart")
        for value in values(unit, name)
        for words in python_commands(value)
    ]
    assert commands
    assert all(known(words) for words in commands), commands


def test_the_units_serve_every_queue_and_run_every_part() -> None:
    lines = {unit.name: " ".join(values(unit, "ExecStart")) for unit in SERVICES}
    assert "--queues %i" in lines["ai-landscape-worker@.service"]
    head = (DEPLOY / "systemd" / "ai-landscape-worker@.service").read_text().splitlines()[0]
    assert set(re.findall(r"worker@(\w+)", head)) | {"evaluations"} == QUEUES
    assert "--queues evaluations" in lines[SANDBOX]
    assert "celery -A landscape beat" in lines["ai-landscape-beat.service"]
    assert "landscape.wsgi:application" in lines["ai-landscape-web.service"]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_no_unit_is_root_or_may_write_outside_its_state(unit: Path) -> None:
    told = dict(directives(unit))
    wanted = {
        "DynamicUser": "yes",
        "User": "ai-landscape",
        "StateDirectory": "ai-landscape",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
    }
    assert {name: told.get(name) for name in wanted} == wanted
    assert "STATE_DIR=/var/lib/ai-landscape" in told["Environment"]
    if unit.name != SANDBOX:
        assert told["RestrictNamespaces"] == told["MemoryDenyWriteExecute"] == "yes"


def test_a_worker_that_is_stopped_has_the_time_of_its_longest_task() -> None:
    """An evaluation alone may be cut: what it has answered is kept, and the next worker goes on from there."""
    limits = [
        task.time_limit or settings.CELERY_TASK_TIME_LIMIT
        for task in vars(tasks).values()
        if isinstance(task, Task) and not task.name.startswith("tracker.tasks.evaluate_")
    ]
    assert max(limits) > settings.CELERY_TASK_TIME_LIMIT
    (seconds,) = values(DEPLOY / "systemd" / "ai-landscape-worker@.service", "TimeoutStopSec")
    assert int(seconds) > max(limits)
    (evaluators,) = values(DEPLOY / "systemd" / SANDBOX, "TimeoutStopSec")
    assert int(evaluators) > settings.CELERY_TASK_TIME_LIMIT
    assert compose()["services"]["compute"]["stop_grace_period"] == f"{seconds}s"


def systemd_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine: install Debian's package systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """The units with a Python that is there."""
    files = []
    for unit in UNITS:
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text().replace(PYTHON, "/bin/true"))
        files.append(str(copy))
    return files


def test_systemd_finds_no_fault_in_the_units(installed: list[str]) -> None:
    done = systemd_analyze("verify", "--man=no", *installed)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_counts_the_units_among_the_well_guarded(installed: list[str]) -> None:
    """Its own measure, from 0 (nothing can be reached) to 10; a service without any of this has 9.6."""
    for file in (file for file in installed if file.endswith(".service")):
        limit = "45" if file.endswith(SANDBOX) else "20"
        done = systemd_analyze("security", "--offline=true", f"--threshold={limit}", "--no-pager", file)
        assert done.returncode == 0, done.stdout[-300:]


def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def ours() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose()["services"].items() if service["image"] == "ai-landscape"}


def test_the_containers_serve_every_queue_and_run_every_part() -> None:
    commands = {
        name: list(python_commands(command[2] if command[0] == "sh" else shlex.join(command)))
        for name, service in ours().items()
        if (command := service.get("command"))
    }
    assert all(known(words) for found in commands.values() for words in found), commands
    served = set().union(*(queues(words) for found in commands.values() for words in found))
    assert served == QUEUES - {"evaluations"}
    assert any("beat" in words for words in commands["beat"])
    assert [words[1] for words in commands["migrate"]] == ["migrate", "load"]
    assert "command" not in ours()["web"]  # the image's own


def test_no_container_of_ours_is_privileged_or_writes_into_itself() -> None:
    for name, service in ours().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_only_the_proxys_machine_reaches_the_web_container_and_nobody_the_servers() -> None:
    for name, service in compose()["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert not [name for name in ("postgres", "valkey") if "ports" in compose()["services"][name]]


def test_what_a_container_waits_for_exists_and_can_become_true() -> None:
    services = compose()["services"]
    for service in services.values():
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert services[other]["restart"] == "no"
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert volumes <= compose()["volumes"].keys()


def test_the_web_containers_health_is_asked_for_alike_by_image_and_compose() -> None:
    """podman builds images of a format that has no HEALTHCHECK, unless it is told otherwise."""
    (line,) = [line for line in (DEPLOY / "Containerfile").read_text().splitlines() if line.startswith("HEALTHCHECK ")]
    asked = compose()["services"]["web"]["healthcheck"]
    assert ast.literal_eval(line.partition("CMD ")[2]) == asked["test"][1:]
    assert f"--interval={asked['interval']} --timeout={asked['timeout']}" in line
    assert f"--start-period={asked['start_period']} --retries={asked['retries']}" in line


def test_what_compose_asks_for_is_a_setting_or_made_of_one() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    example = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    # Twice a dollar is the container's own.
    assert set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text)) <= example
    assert set(compose()["x-site"]["environment"]) <= example


@pytest.mark.parametrize("name", ["Containerfile", "Containerfile.gpu"])
def test_an_image_holds_what_the_program_reads_and_ends_as_nobody(name: str) -> None:
    lines = (DEPLOY / name).read_text().replace("\\\n", " ").splitlines()
    copied = {
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    }
    assert all((PROJECT / path).exists() for path in copied)
    assert {"manage.py", "pyproject.toml", "landscape", "tracker", "templates", "static"} <= copied
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER 10001:10001"
    assert lines.index("USER 10001:10001") < min(at for at, line in enumerate(lines) if line.startswith("CMD "))
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    installs = [step for line in lines for step in line.split("&&") if "pip install" in step]
    # What suits a machine's GPU cannot be hashed beforehand.
    assert all("--require-hashes" in step or "requirements-gpu.txt" in step for step in installs)
    assert installs


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_says_who_asks_and_keeps_tokens_out_of_its_log(name: str) -> None:
    text = (DEPLOY / name).read_text()
    assert "subscribe/confirm|unsubscribe|preferences" in text
    assert "127.0.0.1:8000" in text
    assert all(path in text for path in ("/metrics", "/readyz"))
    if name == "nginx.conf":  # Caddy does both by itself
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
        assert "proxy_set_header X-Forwarded-Proto $scheme;" in text


def test_the_tokens_that_the_proxies_hide_are_all_that_addresses_carry() -> None:
    urls = (PROJECT / "tracker" / "urls.py").read_text()
    assert set(re.findall(r'path\("([^"]*)<str:token>', urls)) == {"subscribe/confirm/", "unsubscribe/", "preferences/"}


def test_a_command_of_the_operators_runs_as_the_units_do() -> None:
    """`deploy/manage` says for systemd-run what the unit of the migrations says for itself."""
    script = DEPLOY / "manage"
    assert os.access(script, os.X_OK)
    words = shlex.split(script.read_text().replace("\\\n", " "), comments=True)
    told = dict(word.removeprefix("--property=").split("=", 1) for word in words if word.startswith("--property="))
    unit = DEPLOY / "systemd" / "ai-landscape-migrate.service"
    assert told == {name: values(unit, name)[-1] for name in told}
    assert {"User", "DynamicUser", "StateDirectory", "EnvironmentFile"} <= told.keys()
    assert f"--working-directory={values(unit, 'WorkingDirectory')[0]}" in words
    given = {word.removeprefix("--setenv=") for word in words if word.startswith("--setenv=")}
    assert given | {"PYTHONUNBUFFERED=1"} == set(values(unit, "Environment")[0].split())
    assert words[words.index(PYTHON) :] == [PYTHON, "manage.py", "$@"]
