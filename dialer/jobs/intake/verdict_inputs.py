"""A fingerprint of everything that the verdicts on a sheet's rows depend on, but for what the ledger knows of people.

Two readings with the same fingerprint judge every row alike; only whether a contact has an hour left depends on more:
the instant.
"""

import hashlib
import json
import re
import sys
from functools import cache
from importlib.metadata import requires, version

from dialer.contacts.loader import Loaded
from dialer.extras import DISTRIBUTION
from dialer.schedule.rules import rules_digest


def fingerprint_of(loaded: Loaded) -> str:
    """Return the SHA-256 (hex) of what *loaded* is judged by: file, campaign, numbers not to call, day, data, programs.

    The columns' meaning, hidden rows and cells without a value follow from the file and the campaign. The day counts
    where the sheet tells when people have consented.
    """
    judge = loaded.judge
    inputs = {
        "sheet": [loaded.sheet.sha256, loaded.sheet.path.suffix.lower()],
        "campaign": loaded.campaign.fingerprint,
        "suppressed": sorted(judge.suppressed),
        "excluded": sorted(judge.excluded),
        "today": judge.today.isoformat() if judge.mapping.consent.mapped() else None,
        "zones": sorted(judge.zones),
        "rules": rules_digest(),
        "programs": _programs(),
    }
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


@cache
def _programs() -> dict[str, str]:
    """Return the versions of this program, of every package that it needs, and of Python."""
    needed = [re.split(r"[^\w.-]", each)[0] for each in requires(DISTRIBUTION) or () if "extra ==" not in each]
    return {name: version(name) for name in (DISTRIBUTION, *needed)} | {"python": sys.version}
