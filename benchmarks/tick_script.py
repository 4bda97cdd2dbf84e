"""The loop that many copy from a cookbook: every millisecond it begins the next request, on one session of aiohttp.

`python -m benchmarks.tick_script SHEET URL OUT CONCURRENCY`: keeps the ids in memory, stores and plans nothing. OUT is
not written.
"""

import asyncio
import sys
from pathlib import Path

import aiohttp

from benchmarks.plain_script import HEADERS, body_of, read_rows

TICK_SECONDS = 0.001


async def main(sheet: Path, url: str, concurrency: int) -> None:
    """Create a call for every row of *sheet*."""
    timeout, connector = aiohttp.ClientTimeout(total=60), aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, raise_for_status=True) as session:

        async def create(row: dict[str, str]) -> str:
            async with session.post(url, json=body_of(row), headers=HEADERS) as reply:
                return str((await reply.json())["data"]["_id"])

        begun = []
        for row in read_rows(sheet):
            begun.append(asyncio.create_task(create(row)))
            await asyncio.sleep(TICK_SECONDS)
        await asyncio.gather(*begun)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] + "/v1/phoneCalls", int(sys.argv[4])))
