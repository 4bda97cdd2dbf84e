"""When an instant of the server's clock comes, by this machine's."""

from dialer.ledger.fleet.server_time import ServerTime


def test_a_quick_answer_counts_for_the_slow_ones_after_it() -> None:
    """The instant is known within the quicker answer, and a little more with each second."""
    time = ServerTime()
    assert time.heard(1000.0, asked_at=10.0, answered_at=10.002)
    assert time.heard(1005.0, asked_at=14.0, answered_at=17.0)
    assert time.earliest(1010.0) >= 20.0 - 0.001 - 0.01
    assert time.latest(1010.0) <= 20.002 + 0.01
    assert time.earliest(1010.0) <= 20.0 <= time.latest(1010.0)


def test_a_clock_that_was_set_is_noticed() -> None:
    """In either direction; what was known before counts no more."""
    for step in (5.0, -5.0):
        time = ServerTime()
        assert time.heard(1000.0, asked_at=10.0, answered_at=10.002)
        assert not time.heard(1001.0 + step, asked_at=11.0, answered_at=11.002)
        assert time.heard(1002.0 + step, asked_at=12.0, answered_at=12.002)
        assert 11.9 < time.earliest(1002.0 + step) <= 12.0
