"""The script that everybody writes first: what `dialer` is measured against.

`python -m benchmarks.plain_script SHEET URL OUT CONCURRENCY [RATE]`: csv in, httpx with one shared client and a
semaphore, csv out. With RATE, `AsyncLimiter(RATE, 1)` before each request. It keeps no ledger and plans nothing.
"""

import asyncio
import csv
import sys
from contextlib import nullcontext
from pathlib import Path

import httpx
from aiolimiter import AsyncLimiter

HEADERS = {"aicaller-api-key": "a-key"}


def read_rows(sheet: Path) -> list[dict[str, str]]:
    """Return the rows of *sheet* by its headers."""
    with sheet.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def body_of(row: dict[str, str]) -> dict[str, object]:
    """Return the body that creates a row's call."""
    return {
        "teamId": "363573667364666473667332",
        "callTemplateId": "363573667364666473667332",
        "nameOfHuman": row["Name"],
        "toPhoneNumber": row["Phone"],
        "promptVariableValues": [{"key": "customer_name", "value": row["Name"]}],
    }


async def main(sheet: Path, url: str, out: Path, concurrency: int, rate: float | None) -> None:
    """Create a call for every row of *sheet* and write ids and errors to *out*."""
    semaphore = asyncio.Semaphore(concurrency)
    limiter = nullcontext() if rate is None else AsyncLimiter(rate, 1)
    rows = read_rows(sheet)

    async with httpx.AsyncClient(timeout=60) as client:

        async def create(row: dict[str, str]) -> dict[str, str]:
            async with semaphore, limiter:
                reply = await client.post(url, json=body_of(row), headers=HEADERS)
            if reply.status_code != httpx.codes.OK:
                return row | {"id": "", "error": str(reply.status_code)}
            return row | {"id": reply.json()["data"]["_id"], "error": ""}

        results = await asyncio.gather(*(create(row) for row in rows))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "id", "error"])
        writer.writeheader()
        writer.writerows(results)


if __name__ == "__main__":
    asyncio.run(
        main(
            Path(sys.argv[1]),
            sys.argv[2] + "/v1/phoneCalls",
            Path(sys.argv[3]),
            int(sys.argv[4]),
            float(sys.argv[5]) if len(sys.argv) > 5 else None,
        )
    )
