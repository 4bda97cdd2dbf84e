"""What the benchmarks share: a loopback server for each run, a sheet, a campaign, and the two commands compared."""

import csv
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import phonenumbers

HERE = Path(__file__).parent
SCHEDULE = """
[schedule]
window = "00:00-24:00"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
calls_per_minute = 60000
rules = "off"
holidays = false
[submit]
requests_per_second = {rate}
"""
"""Everybody may be called at any time, so that a run sends as soon as it can."""

CAMPAIGN = (
    """
[call]
team_id = "363573667364666473667332"
call_template_id = "363573667364666473667332"
[contacts]
file = "contacts.csv"
region = "US"
[contacts.variables]
customer_name = "Name"
"""
    + SCHEDULE
)


@dataclass(frozen=True)
class Run:
    """One run as the server and the clock saw it: whole seconds from start to end, and first to last accepted POST.

    *paced_posts* are those after the first, which goes alone, and *paced_seconds* lie between the second and the last.
    """

    whole_seconds: float
    accepted: int
    put_off: int
    sending_seconds: float
    paced_posts: int
    paced_seconds: float
    most_in_a_second: int

    @property
    def per_second(self) -> float:
        """Calls created a second, from the first to the last."""
        return (self.accepted - 1) / self.sending_seconds

    @property
    def paced_per_second(self) -> float:
        """POSTs a second, from the second to the last."""
        return (self.paced_posts - 1) / self.paced_seconds


def ordinary_areas() -> list[str]:
    """Return the American area codes whose numbers anybody may have: 555-0100 to 0199 of each ring nobody."""
    candidates = (phonenumbers.parse(f"+1{area}5550100") for area in range(201, 990))
    return [str(found.national_number)[:3] for found in candidates if _is_ordinary(found)]


def _is_ordinary(number: phonenumbers.PhoneNumber) -> bool:
    kind = phonenumbers.number_type(number)
    is_american = phonenumbers.is_valid_number_for_region(number, "US")
    return is_american and kind == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE


def write_campaign(folder: Path, *, rows: int, concurrency: int | None, rate: float, batch: int = 1) -> None:
    """Write a sheet of *rows* numbers that ring nobody (555-0100 to 0199 of every area code) and its campaign."""
    areas = ordinary_areas()
    with (folder / "contacts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Phone"])
        for index in range(rows):
            writer.writerow([f"Person {index}", f"+1{areas[index // 100]}55501{index % 100:02d}"])
    workers = "" if concurrency is None else f"concurrency = {concurrency}\n"
    submit = f"{workers}batch_size = {batch}\n"
    (folder / "campaign.toml").write_text(CAMPAIGN.format(rate=rate) + submit, "utf-8")


def script(name: str, folder: Path, concurrency: int, rate: float | None = None) -> list[str]:
    """Return the command of a script that `dialer` is measured against; the server's address is filled in later."""
    limits = [str(concurrency)] + ([] if rate is None else [str(rate)])
    files = str(folder / "contacts.csv"), "{address}", str(folder / "out.csv")
    return [sys.executable, "-m", f"benchmarks.{name}_script", *files, *limits]


def dialer_run(folder: Path) -> list[str]:
    """Return the command of the real thing."""
    run = [sys.executable, "-m", "dialer", "run", str(folder / "campaign.toml")]
    return [*run, "--yes", "--quiet", "--accept-earlier-calls"]  # the server lists no calls


def measured(command: list[str], *server_options: str, exits: tuple[int, ...] = (0,)) -> Run:
    """Run *command* against a fresh server with the options of `loopback.py`. Raises unless it ends in *exits*."""
    start = [sys.executable, str(HERE / "loopback.py"), *server_options]
    with subprocess.Popen(start, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            environment = os.environ | {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": address}
            began = time.perf_counter()
            done = subprocess.run(
                [part.replace("{address}", address) for part in command],
                env=environment,
                check=False,
                stdout=subprocess.DEVNULL,
                timeout=300,
            )
            if done.returncode not in exits:
                done.check_returncode()
            seconds = time.perf_counter() - began
            with urllib.request.urlopen(f"{address}/stats", timeout=10) as reply:  # noqa: S310 - loopback
                stats = json.load(reply)
        finally:
            server.terminate()
    return Run(
        seconds,
        stats["accepted"],
        stats["put_off"],
        stats["seconds"],
        stats["paced_posts"],
        stats["paced_seconds"],
        stats["most_in_a_second"],
    )
