"""Opens the limit that a run shares with every other run of its key, where its profile states one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dialer.jobs.sending.options import RunJob
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import open_bucket
from dialer.submit.limits.key_limit import KeyLimit, permits_of


@contextmanager
def shared_limit(job: RunJob, ledger: Ledger) -> Iterator[KeyLimit | None]:
    """Yield the limit of the campaign's key.

    None where its profile states none, where the ledger is a file, which one run at a time of a machine writes to
    anyway, and without the part `fleet`.
    """
    profile = job.campaign.profile
    rate = None if profile is None else profile.keys.requests_per_second
    if profile is None or rate is None or not ledger.outlives_locks:
        yield None
        return
    with ExitStack() as kept:
        try:
            bucket = kept.enter_context(open_bucket(ledger, profile.name, *permits_of(rate)))
        except ImportError:
            yield None
            return
        limit = KeyLimit(bucket, rate, job.runtime.clock)
        kept.callback(limit.close)
        yield limit
