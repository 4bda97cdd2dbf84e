"""The container: what can be known of it without an engine to build it."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft7Validator

from dialer.cli.main import COMMANDS
from dialer.fleet.health import HealthJson, answering
from dialer.settings import Settings
from docs.generate.pages import ROOT
from tests.cli.command_line import dialer

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
NIGHTLY = COMPOSE["services"]["nightly"]
POSTGRESQL: dict[str, Any] = yaml.safe_load((ROOT / "compose.postgresql.yaml").read_text("utf-8"))
FLEET: dict[str, Any] = yaml.safe_load((ROOT / "compose.fleet.yaml").read_text("utf-8"))


def test_a_linter_finds_nothing() -> None:
    """hadolint, which the tests bring on Linux, has no complaint."""
    judge = Path(sys.executable).with_name("hadolint")
    if not judge.exists():
        pytest.skip("hadolint has no wheel for this machine")
    judged = subprocess.run([judge, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (judged.returncode, judged.stdout) == (0, "")


def test_the_command_is_no_root_and_hears_signals() -> None:
    """The last user is a number that is not 0, and the entry is the command itself, without a shell between."""
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)[-1] == "1000"
    assert 'ENTRYPOINT ["dialer"]' in DOCKERFILE
    assert NIGHTLY["init"] is True
    assert NIGHTLY["cap_drop"] == ["ALL"]
    assert not re.search(r"\b0\b", NIGHTLY["user"].partition(":-")[2])


def test_what_lasts_lies_outside() -> None:
    """The ledger is on a volume that is declared, at the place that the image names, and the rest cannot be written."""
    volumes = dict(volume.rsplit(":", 1)[::-1] for volume in NIGHTLY["volumes"])
    assert volumes["/ledger"] in COMPOSE["volumes"]
    assert "DIALER_LEDGER=/ledger/" in DOCKERFILE
    assert 'VOLUME ["/ledger"]' in DOCKERFILE
    assert NIGHTLY["read_only"] is True
    assert set(NIGHTLY["secrets"]) <= set(COMPOSE["secrets"])


def test_it_says_what_the_program_understands() -> None:
    """The command is one of the program's, and so is every variable; no secret stands in the file."""
    assert NIGHTLY["command"][0] in COMMANDS
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert set(NIGHTLY["environment"]) <= known
    assert "AICALLER_API_KEY" not in NIGHTLY["environment"]


def test_the_ledger_in_postgresql_is_a_service_that_nobody_else_reaches() -> None:
    """The night waits for it, its data are on a volume, its port is not published, its password is in files alone."""
    night, db = (POSTGRESQL["services"][name] for name in ("nightly", "db"))
    url = urlsplit(night["environment"]["DIALER_LEDGER"])
    assert (url.scheme, url.username, url.hostname, url.path) == ("postgresql", "dialer", "db", "/dialer")
    assert url.password is None
    assert (db["environment"]["POSTGRES_USER"], db["environment"]["POSTGRES_DB"]) == ("dialer", "dialer")
    assert night["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert "healthcheck" in db
    assert "ports" not in db
    (volume,) = (each.partition(":") for each in db["volumes"])
    assert volume[0] in POSTGRESQL["volumes"]
    files = {f"/run/secrets/{name}" for name in POSTGRESQL["secrets"]}
    assert {night["environment"]["PGPASSFILE"], db["environment"]["POSTGRES_PASSWORD_FILE"]} == files
    assert {*night["secrets"], *db["secrets"]} == set(POSTGRESQL["secrets"])


def test_a_worker_in_a_container_is_the_night_with_another_command() -> None:
    """It has the night's user, key and folder and the same ledger, waits for the queue's tables, and has time to end.

    The program knows each option of each command line.
    """
    services = FLEET["services"]
    for name in ("migrate", "worker"):
        assert services[name]["extends"] == {"file": "compose.yaml", "service": "nightly"}
        of_night = POSTGRESQL["services"]["nightly"]
        assert {key: services[name][key] for key in ("environment", "secrets")} == {
            key: of_night[key] for key in ("environment", "secrets")
        }
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["worker"]["stop_grace_period"] == "15m"
    port = services["worker"]["command"][services["worker"]["command"].index("--port") + 1]
    assert f"127.0.0.1:{port}/health" in services["worker"]["healthcheck"]["test"][-1]
    for service in services.values():
        assert dialer(*service["command"], "--help").returncode == 0


def test_the_probe_of_a_worker_is_python() -> None:
    """What asks for its health ends well where a worker is ready, and badly where it drains or nobody answers."""
    _, _, option, probe = FLEET["services"]["worker"]["healthcheck"]["test"]
    states: Iterator[HealthJson] = iter([{"state": "ready", "jobs": 1}, {"state": "draining", "jobs": 1}])
    with answering("127.0.0.1", 0, lambda: next(states)) as (_, port):
        asked = [sys.executable, option, probe.replace(":8091", f":{port}")]
        ends = [subprocess.run(asked, check=False, capture_output=True).returncode for _ in range(2)]
    assert ends == [0, 1]


@pytest.mark.parametrize(
    "compose",
    [COMPOSE, POSTGRESQL, FLEET],
    ids=["compose.yaml", "compose.postgresql.yaml", "compose.fleet.yaml"],
)
def test_the_compose_file_is_one(compose: dict[str, Any]) -> None:
    """The schema of the Compose Specification takes it, and would not take a key that is none.

    `compose-spec.json` is `schema/compose-spec.json` of github.com/compose-spec/compose-spec at 170098b (2026-06-23),
    under the Apache License 2.0.
    """
    judge = Draft7Validator(json.loads((ROOT / "tests/docs/compose-spec.json").read_text("utf-8")))
    assert [error.message for error in judge.iter_errors(compose)] == []
    night = compose["services"]["nightly"] | {"comand": ["nightly"]}
    assert not judge.is_valid(compose | {"services": compose["services"] | {"nightly": night}})


def test_the_image_has_what_its_files_speak_of() -> None:
    """A queue in PostgreSQL and messages to people need optional parts: the pinned set of the image holds them."""
    (pinned,) = re.findall(r"--require-hashes -r (\S+)", DOCKERFILE)
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / pinned).read_text("utf-8"), re.MULTILINE))
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = {re.split(r"[\[>]", need)[0] for part in ("fleet", "notify", "report") for need in parts[part]}
    assert wanted <= names


def test_the_image_has_the_tested_versions() -> None:
    """All that the command needs is in the image, and no package has another version than the tests run with."""
    image, command, tested = (
        dict(
            re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / f"requirements{name}.txt").read_text("utf-8"), re.MULTILINE)
        )
        for name in ("-image", "", "-dev")
    )
    assert command.items() <= image.items()
    assert {name: version for name, version in image.items() if tested.get(name, version) != version} == {}


def test_everything_that_is_copied_reaches_the_build() -> None:
    """What the image copies from the checkout is there, and .dockerignore lets it through."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [shlex.split(line)[1:-1] for line in DOCKERFILE.splitlines() if re.match(r"COPY (?!--from)", line)]
    names = [name for sources in copied for name in sources]
    assert names
    assert all((ROOT / name).exists() and f"!{name}" in ignored for name in names)
    assert ignored[0] == "*"
