"""Lays a run's requests out over its time, against the limit that it kept to, with its pauses."""

from collections.abc import Sequence

from dialer.calls.outcome import Kind
from dialer.calls.pause import Pause
from dialer.clock import iso_ms
from dialer.results.report import frames
from dialer.results.report.content import PauseSpan, Timeline

MOST_STEPS, MOST_TICKS = 80, 5
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
"""Lengths of a stretch in seconds, of which the first is taken that makes few enough of them."""

PUT_OFF = (425, 429, 503)
"""Answers by which the API asks for patience."""


def timeline_of(
    calls: frames.Frame, run_id: str, limit: float, pauses: Sequence[Pause] = (), *, now_ms: int
) -> Timeline | None:
    """Return the requests of the run; None where it sent none.

    *limit* is in calls a second; a pause without an end goes on until *now_ms*.
    """
    requests = frames.requests_of(calls, run_id)
    if requests.empty:
        return None
    first_ms, last_ms = int(requests["claimed_at_ms"].min()), int(requests["claimed_at_ms"].max())
    seconds = (last_ms - first_ms) // 1000 + 1
    step_s = next((step for step in _STEPS if seconds <= step * MOST_STEPS), -(-seconds // MOST_STEPS))
    start_ms = first_ms // 1000 * 1000
    steps = (last_ms - start_ms) // (step_s * 1000) + 1
    whole_ms = steps * step_s * 1000
    spaces = min(MOST_TICKS - 1, whole_ms // 1000)  # or two ticks would have the same second
    spans = [_span(pause, start_ms, whole_ms, now_ms) for pause in pauses]
    return Timeline(
        run_id=run_id,
        bars=frames.requests_by_step(requests, start_ms=start_ms, step_ms=step_s * 1000, steps=steps),
        limit=limit,
        step_seconds=step_s,
        ticks=[iso_ms(start_ms + whole_ms * tick // spaces)[11:19] for tick in range(spaces + 1)],
        pauses=[span for span in spans if span.end > span.begin],
        put_off=int(((requests["outcome"] == Kind.NOT_SENT) & requests["http_status"].isin(PUT_OFF)).sum()),
    )


def _span(pause: Pause, start_ms: int, whole_ms: int, now_ms: int) -> PauseSpan:
    until_ms = now_ms if pause.until_ms is None else pause.until_ms
    begin, end = ((instant_ms - start_ms) / whole_ms for instant_ms in (pause.from_ms, until_ms))
    why = f"{iso_ms(pause.from_ms)[11:19]} to {iso_ms(until_ms)[11:19]} UTC: {pause.reason.meaning}"
    return PauseSpan(max(0.0, begin), min(1.0, end), f"{why}. {pause.message}" if pause.message else why)
