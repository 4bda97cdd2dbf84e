"""What the requests of one run have in common, and whom it is shown to."""

from dialer.campaign.tables import Submit
from dialer.submit.shared_request import SharedRequest


def test_no_secret_of_a_webhook_shows_in_a_repr() -> None:
    """What all bodies of a run share holds secrets; a traceback that shows the sender does not."""
    shown = repr(SharedRequest("a-run", {"phoneCallWebhooks": [{"secret": "s3cret"}]}, Submit()))
    assert "a-run" in shown
    assert "s3cret" not in shown
