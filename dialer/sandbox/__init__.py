"""A local stand-in for the AICaller API, with faults on request: for rehearsals, demos and tests.

It keeps its own list of every call it created, so that what a client believes can be held against what really
happened. It imports nothing of the rest of the package: a mistake there cannot hide itself here.
"""

from dialer.sandbox.call_lifecycle import CallLifecycle, End
from dialer.sandbox.faults import NO_FAULTS, Faults
from dialer.sandbox.server import Sandbox, serve
from dialer.sandbox.webhooks import Webhooks

__all__ = ["NO_FAULTS", "CallLifecycle", "End", "Faults", "Sandbox", "Webhooks", "serve"]
