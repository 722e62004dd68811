"""The rows of users who lose their connections and come back: a part of the table of the integration layer."""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

TURNS = ("test_turn_goes_on[closed]", "test_turn_goes_on[reset]")
QUEUES = ("test_queue_after_loss[closed]", "test_queue_after_loss[reset]")
AFTER_START = "test_queue_after_start[first]"
STATE = "test_state_after_return[turn]"
REFUSES, ENDS = "test_backoff_refuses[backoff]", "test_backoff_ends[backoff]"
OTHERS = "test_backoff_of_each_user[backoff]"
OVERFLOW, PRIORITIES, TOLD = "test_overflow[buffer]", "test_priorities_are_kept[buffer]", "test_loss_is_told[buffer]"
UNCONFIRMED, CONFIRMED = "test_unconfirmed[confirm]", "test_confirmed[confirm]"
STORM = "test_storm_of_returns[20]"

AGAIN: Mapping[str, object] = {"websocket": {"reconnect": {"replay": "at-least-once"}}}
OLDEST: Mapping[str, object] = {"websocket": {"buffer": {"keeps": "oldest"}}}
ALONE: Mapping[str, object] = {"websocket": {"buffer": None, "confirm": None, "reconnect": {"backoff": None}}}
"""Where connections take long, those which only come too often need not queue before the storm."""

UNSAID: Mapping[str, object] = {"websocket": {"reconnect": {"resume": None}}}

ROWS: Mapping[str, Row] = {
    # the rest does not come, or not as it should
    "buffer_of_connection": row(*TURNS, *QUEUES, AFTER_START, passes=(UNCONFIRMED, CONFIRMED)),
    "run_ends_with_connection": row(*TURNS, passes=(*QUEUES, STATE)),
    "replayed_backwards": row(*TURNS, *QUEUES, AFTER_START, STORM, OVERFLOW, passes=(STATE, CONFIRMED)),
    "replayed_twice": row(*TURNS, *QUEUES, AFTER_START, STORM, UNCONFIRMED, passes=(STATE, CONFIRMED)),
    "kept_for_whoever_comes": row(STORM, passes=(AFTER_START,)),
    "thread_of_connection": row(STATE, passes=(*TURNS, AFTER_START)),
    # many come back at once
    "returns_in_a_row": row(STORM, passes=(AFTER_START,), changes=ALONE),
    "told_while_they_come": row(STORM, passes=(AFTER_START,)),
    # one comes back too often
    "reconnects_uncounted": row(REFUSES, passes=(AFTER_START,)),
    "pause_stays_short": row(REFUSES, passes=(ENDS, OTHERS)),
    "pause_never_ends": row(ENDS, passes=(REFUSES, OTHERS)),
    "reconnects_of_all": row(OTHERS, passes=(AFTER_START,)),
    # what is kept is too much, or the wrong part of it
    "buffer_without_bound": row(OVERFLOW, passes=(PRIORITIES, STORM)),
    "overflow_drops_any": row(PRIORITIES, passes=(OVERFLOW, TOLD)),
    "overflow_untold": row(TOLD, passes=(OVERFLOW, PRIORITIES)),
    # what is confirmed
    "unconfirmed_forgotten": row(UNCONFIRMED, passes=(AFTER_START, CONFIRMED)),
    "confirmation_ignored": row(CONFIRMED, passes=(UNCONFIRMED,)),
    "confirmation_for_all": row(UNCONFIRMED, passes=(CONFIRMED,)),
    # nothing is wrong, however unusual
    "benign.kept_at_least_once": row(
        passes=(*TURNS, *QUEUES, AFTER_START, STORM, OVERFLOW, UNCONFIRMED), changes=AGAIN
    ),
    "benign.oldest_kept": row(passes=(OVERFLOW, PRIORITIES, TOLD), changes=OLDEST),
    "benign.numbered_by_connection": row(passes=(*TURNS, *QUEUES, CONFIRMED), changes={"chat": {"sequence": "n"}}),
    "benign.server_knows_itself": row(
        passes=("test_turn_goes_on[closed]", "test_turn_goes_on[ended]", "test_queue_after_loss[ended]", STORM),
        changes=UNSAID,
    ),
}
