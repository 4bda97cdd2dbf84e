"""Rows a second, unpaced, with the durable ledger on, against the plain script: whole processes, in turn.

`python benchmarks/throughput.py [--rows 3000] [--concurrency 16] [--pairs 3]`
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
CAMPAIGN = """
[call]
team_id = "363573667364666473667332"
call_template_id = "363573667364666473667332"
[contacts]
file = "contacts.csv"
region = "US"
[contacts.variables]
customer_name = "Name"
[schedule]
window = "00:00-24:00"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
calls_per_minute = 60000
[submit]
requests_per_second = 10000
concurrency = {concurrency}
"""


def write_sheet(path: Path, rows: int) -> None:
    """Write *rows* contacts with different numbers (fictional exchanges; nothing here leaves the machine)."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Phone"])
        for index in range(rows):
            area = ("212", "646", "617", "312", "713", "214", "415", "206")[index % 8]
            writer.writerow([f"Person {index}", f"+1{area}555{index // 8 % 10_000:04d}"])


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Run *command* to its end and give the seconds it took. Raises when it fails."""
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print the rates and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=3000)
    arguments.add_argument("--concurrency", type=int, default=16)
    arguments.add_argument("--pairs", type=int, default=3)
    options = arguments.parse_args()
    ratios = []
    server = subprocess.Popen([sys.executable, str(HERE / "loopback.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        environment = os.environ | {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": address}
        for _ in range(options.pairs):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                write_sheet(folder / "contacts.csv", options.rows)
                (folder / "campaign.toml").write_text(CAMPAIGN.format(concurrency=options.concurrency), "utf-8")
                script = [sys.executable, str(HERE / "plain_script.py"), str(folder / "contacts.csv"), address]
                plain = timed([*script, str(folder / "out.csv"), str(options.concurrency)], environment)
                dialer = [sys.executable, "-m", "dialer", "run", str(folder / "campaign.toml"), "--yes", "--quiet"]
                ours = timed(dialer, environment)
            ratios.append(plain / ours)
            print(
                f"plain script {options.rows / plain:.0f} rows/s, dialer {options.rows / ours:.0f} rows/s,"
                f" ratio {plain / ours:.2f}",
                flush=True,
            )
    finally:
        server.terminate()
        server.wait()
    print(f"median ratio {statistics.median(ratios):.2f} ({options.rows} rows, {options.concurrency} workers)")


if __name__ == "__main__":
    main()
