"""As fast as httpx goes: workers side by side, each with a client of one connection, and nothing else.

`python -m benchmarks.bare_script SHEET URL OUT CONCURRENCY`: keeps the ids in memory, stores and plans nothing. OUT is
not written.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.plain_script import HEADERS, body_of, read_rows


async def main(sheet: Path, url: str, concurrency: int) -> None:
    """Create a call for every row of *sheet*."""
    rows = iter(read_rows(sheet))
    await asyncio.gather(*(work(rows, url) for _ in range(concurrency)))


async def work(rows: Iterator[dict[str, str]], url: str) -> list[str]:
    """Create a call for each row that no other worker has taken; return their ids."""
    ids = []
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=1)) as client:
        for row in rows:
            reply = await client.post(url, json=body_of(row), headers=HEADERS)
            ids.append(reply.raise_for_status().json()["data"]["_id"])
    return ids


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] + "/v1/phoneCalls", int(sys.argv[4])))
