"""Promises about what the jobs share: connections to the API."""

import asyncio

from dialer.campaign.tables import Submit
from dialer.jobs.runtime import Runtime
from dialer.sandbox import Sandbox
from tests.jobs.test_run import settings_for


def test_what_any_connection_of_a_job_asks_is_known_to_the_others() -> None:
    """The listing that is read before a run counts in its pace; a connection that only opens asks nothing."""

    async def ask(runtime: Runtime) -> list[int]:
        connect, known = runtime.connector(Submit()), []
        async with connect() as first, runtime.connector(Submit())() as second:
            for asking in (first.connect(), first.list_calls("template"), second.connect(), second.probe()):
                await asking
                known.append(len(second.asked_at))
        return known

    with Sandbox() as sandbox:
        assert asyncio.run(ask(Runtime(settings=settings_for(sandbox)))) == [0, 1, 1, 2]
