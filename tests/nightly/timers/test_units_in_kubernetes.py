"""Promises about the CronJobs that `--print kubernetes` gives: Kubernetes' own schemas judge, a shell runs them."""

import json
import re
import signal
import subprocess
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from dialer.nightly.timers.starts import NightTime
from dialer.nightly.timers.units import Timer, timer_units
from docs.generate.pages import ROOT
from tests.nightly.timers.readers import (
    FOLDER,
    FOLDERS,
    NIGHTS,
    NOW,
    TRICKY,
    kubernetes_reads,
    recording_program,
    start,
    units,
)

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def objects(text: str = units(Timer.KUBERNETES)) -> list[dict[str, Any]]:
    """Read what is printed: a volume, then a CronJob for each time."""
    return list(yaml.safe_load_all(text))


def pod(cronjob: dict[str, Any]) -> Any:
    """Return the pod of a CronJob."""
    return cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def container() -> Any:
    """Return the container of the first night."""
    (found,) = pod(objects()[1])["containers"]
    return found


def cronjob(at: time, zone: str, folder: Path = FOLDER) -> Any:
    """Return the one CronJob of a folder with one time."""
    times = [NightTime(at, zone)]
    return objects(timer_units(Timer.KUBERNETES, folder=folder, times=times, command="dialer", now=NOW))[1]


def test_kubernetes_takes_the_objects() -> None:
    """Its schemas, which take no key that they do not know, accept each object, and would not accept a misspelled one.

    `kubernetes.json` holds the schemas of CronJob and PersistentVolumeClaim, without descriptions, made of the OpenAPI
    document of Kubernetes 1.29.0 (Apache License 2.0) as the package kubernetes-validate 1.37.0 has it, strict.
    """
    judge = Draft202012Validator(json.loads(Path(__file__).with_name("kubernetes.json").read_text("utf-8")))
    kinds = [each["kind"] for each in objects()]
    assert kinds == ["PersistentVolumeClaim", "CronJob", "CronJob"]
    for each in objects():
        assert [error.message for error in judge.iter_errors(each)] == []
        assert not judge.is_valid(each | {"spec": each["spec"] | {"concurencyPolicy": "Forbid"}})


@pytest.mark.slow
@settings(max_examples=12)
@given(FOLDERS, NIGHTS)
def test_kubernetes_takes_any_folder_and_night(folder: Path, nights: list[NightTime]) -> None:
    """Whatever the folder is called: the objects are of its schemas, and the container is given that very place."""
    judge = Draft202012Validator(json.loads(Path(__file__).with_name("kubernetes.json").read_text("utf-8")))
    _, *cronjobs = found = objects(
        timer_units(Timer.KUBERNETES, folder=folder, times=nights, command="dialer", now=NOW)
    )
    assert [error.message for each in found for error in judge.iter_errors(each)] == []
    assert {each["spec"]["timeZone"] for each in cronjobs} == {night.zone for night in nights}
    assert len({each["metadata"]["name"] for each in cronjobs}) == len(set(nights))
    for each in cronjobs:
        (only,) = pod(each)["containers"]
        assert kubernetes_reads(only["args"][-1]) == f"/calls/{folder.name}"


def test_kubernetes_takes_the_pod_of_the_docs() -> None:
    """What the page gives for taking files in is a pod, with the same mounts and the same user as a night."""
    page = (ROOT / "docs/how-to/nightly.md").read_text("utf-8")
    (told,) = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    definitions = json.loads(Path(__file__).with_name("kubernetes.json").read_text("utf-8"))["$defs"]
    judge = Draft202012Validator({"$ref": "#/$defs/io.k8s.api.core.v1.PodSpec", "$defs": definitions})
    assert [error.message for error in judge.iter_errors(told["spec"])] == []
    (each,), of_night = told["spec"]["containers"], pod(objects()[1])
    assert each["volumeMounts"] == [item for item in container()["volumeMounts"] if item["name"] == "data"]
    assert told["spec"]["securityContext"].items() <= of_night["securityContext"].items()
    assert (each["image"], told["spec"]["hostname"]) == (container()["image"], of_night["hostname"])


def test_one_night_at_a_time_is_never_tried_again_and_is_late_only_while_it_is_that_night() -> None:
    """Only a pod that was taken away with its node has another. A night lasts a day: an hour before it counts to it."""
    for each in objects()[1:]:
        spec, job = each["spec"], each["spec"]["jobTemplate"]["spec"]
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["startingDeadlineSeconds"] == 23 * 3600
        assert (job["backoffLimit"], pod(each)["restartPolicy"]) == (0, "Never")
        assert job["podReplacementPolicy"] == "Failed"
        (rule,) = job["podFailurePolicy"]["rules"]
        assert (rule["action"], [on["type"] for on in rule["onPodConditions"]]) == ("Ignore", ["DisruptionTarget"])
        assert pod(each)["terminationGracePeriodSeconds"] == 15 * 60
        assert "activeDeadlineSeconds" not in job


@pytest.mark.parametrize(
    ("at", "zone", "schedule"),
    [
        (time(22), "Europe/Berlin", "0 22 * * *"),
        (time(2, 30), "Europe/Berlin", "30 2,3 * * *"),
        (time(2, 15), "Australia/Lord_Howe", "15,45 2 * * *"),
        (time(2, 30), "Asia/Kathmandu", "30 2 * * *"),
    ],
)
def test_a_night_starts_in_its_zone_also_where_a_clock_change_skips_its_time(
    at: time, zone: str, schedule: str
) -> None:
    """The controller has no start on a day without the time: the time that the clock shows then is there as well."""
    spec = cronjob(at, zone)["spec"]
    assert (spec["schedule"], spec["timeZone"]) == (schedule, zone)


def test_names_are_ones_that_kubernetes_takes() -> None:
    """Labels of DNS, of which a CronJob's has room for what its Jobs' names add; each time and folder has its own."""
    folders = (FOLDER, Path("/srv/a") / ("x" * 200), Path("/srv/b") / ("x" * 200))
    zones = ("America/Argentina/ComodRivadavia", "Europe/Berlin")
    names = [cronjob(time(22), zone, folder)["metadata"]["name"] for folder in folders for zone in zones]
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(name) <= 52 for name in names)
    assert len(set(names)) == len(names)


def test_the_pod_may_do_as_little_as_it_needs() -> None:
    """No root, no privileges, no token, no disk but the volume and a passing one; the image's user owns the files."""
    found, each = pod(objects()[1]), container()
    assert found["securityContext"]["runAsNonRoot"] is True
    user = int(re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[-1])
    assert {found["securityContext"][key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == {user}
    assert (found["automountServiceAccountToken"], found["enableServiceLinks"]) == (False, False)
    assert each["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip


def test_what_lasts_lies_on_the_volume() -> None:
    """The ledger's place in the image and the folder of campaigns are both mounted from the one claim."""
    claim, each = objects()[0]["metadata"]["name"], container()
    (volume,) = (item for item in pod(objects()[1])["volumes"] if "persistentVolumeClaim" in item)
    assert volume["persistentVolumeClaim"]["claimName"] == claim
    mounts = [item["mountPath"] for item in each["volumeMounts"] if item["name"] == volume["name"]]
    (ledger,) = re.findall(r"DIALER_LEDGER=(\S+)", DOCKERFILE)
    assert mounts == ["/calls", str(Path(ledger).parent)]
    assert objects()[0]["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_the_key_is_in_a_secret_and_nowhere_else() -> None:
    """All that is secret comes from one Secret as variables, which no argument and no other value repeats."""
    each = container()
    assert [item["secretRef"]["name"] for item in each["envFrom"]] == [objects()[0]["metadata"]["name"]]
    assert "env" not in each
    assert "AICALLER" not in json.dumps(each["args"])


def test_the_image_is_this_version() -> None:
    """The one thing to replace is where the image lies."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert container()["image"] == f"registry.example.com/dialer:{version}"


def night(tmp_path: Path) -> list[str]:
    """Return the command line that Kubernetes makes of the container's, with a folder for what the PATH finds."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    return [*container()["command"], *map(kubernetes_reads, container()["args"])]


@pytest.mark.parametrize(("codes", "ends"), [([0], 0), ([3], 0), ([4], 4), ([5], 5), ([75, 75, 3], 0), ([75] * 7, 75)])
def test_the_job_fails_where_somebody_has_to_look(tmp_path: Path, codes: list[int], ends: int) -> None:
    """Unknown calls, an early stop and a ledger that stays held fail it, rows to mend do not."""
    program = recording_program(tmp_path)
    (tmp_path / "bin" / "dialer").symlink_to(program)

    assert start(night(tmp_path), tmp_path, codes) == ends
    assert (tmp_path / "words").read_text("utf-8").splitlines()[1:] == ["0077", "nightly", f"/calls/{TRICKY}"]


def test_a_pod_that_is_stopped_lets_the_night_finish(tmp_path: Path) -> None:
    """SIGTERM reaches the shell alone: it is passed on, waited for, and the night's own code comes out."""
    command = night(tmp_path)
    program = tmp_path / "bin" / "dialer"
    program.write_text("#!/bin/sh\ntrap 'kill $!; echo finished; exit 143' TERM\nsleep 60 >&- & echo begun; wait\n")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "finished\n"
    assert process.returncode == 143
