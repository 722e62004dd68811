"""A part of the table of the integration layer: many who are connected, heartbeats, broadcasts, a restart, latency."""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

PACE, STAYS, FOUND, BESIDE = (
    f"{test}[heartbeat]"
    for test in ("test_heartbeat_pace", "test_quiet_client_stays", "test_dead_peer_is_found", "test_beside_a_dead_peer")
)
CLOSES, WHOLE, BACK = (
    f"{test}[to-all]"
    for test in (
        "test_restart_closes_sockets",
        "test_broadcasts_until_the_restart",
        "test_broadcasts_after_the_restart",
    )
)
AT_ONCE, AFTERWARDS = "test_upgrades_at_once[80]", "test_after_many_upgrades[80]"


def _reaches(name: str) -> str:
    return f"test_broadcast_comes_to_all[{name}]"


def _spares(name: str) -> str:
    return f"test_broadcast_comes_to_nobody_else[{name}]"


def _order(name: str) -> str:
    return f"test_broadcasts_keep_their_order[{name}]"


def _stalled(name: str) -> str:
    return f"test_broadcast_passes_a_stalled_socket[{name}]"


BY_PING: Mapping[str, object] = {
    "websocket": {"heartbeat": {"frame": None, "answer": None, "closes": None, "ping": True}}
}
PATIENT: Mapping[str, object] = {"websocket": {"latency": {"p95": None, "samples": 20}}}
ONE_BROADCAST: Mapping[str, object] = {
    "websocket": {"broadcasts": [{"name": "to-all", "put": "bridge.broadcast('{nonce}')", "closes": [1012]}]}
}
"""Where it is about one of them, the other one need not be put in."""

ROWS: Mapping[str, Row] = {
    # heartbeats
    "heart_ends_with_first": row(PACE, FOUND, passes=(STAYS,)),
    "heart_beats_for_one": row(PACE, STAYS, passes=(FOUND,)),
    "quiet_thrown_out": row(STAYS, passes=(PACE, FOUND)),
    "dead_kept": row(FOUND, passes=(PACE, STAYS, BESIDE)),
    "dead_counted": row(FOUND, passes=(PACE, STAYS, BESIDE)),
    "dead_holds_up": row(BESIDE, passes=(PACE, STAYS, FOUND)),
    # broadcasts
    "broadcast_to_first_device": row(
        _reaches("to-all"), _reaches("to-pro"), passes=(_spares("to-pro"), _order("to-pro"), _stalled("to-all"))
    ),
    "broadcast_ignores_tier": row(_spares("to-pro"), passes=(_reaches("to-pro"), _reaches("to-all"))),
    "broadcast_doubled": row(_reaches("to-all"), _reaches("to-pro"), passes=(_order("to-all"), _spares("to-pro"))),
    "broadcast_in_turn": row(_stalled("to-all"), passes=(_reaches("to-all"), _order("to-all")), changes=ONE_BROADCAST),
    "broadcasts_overtake": row(_order("to-all"), passes=(_reaches("to-all"),), changes=ONE_BROADCAST),
    # a restart
    "stop_cuts_sockets": row(CLOSES, passes=(WHOLE, BACK), changes=ONE_BROADCAST),
    "stop_repeats_frames": row(WHOLE, passes=(CLOSES, BACK), changes=ONE_BROADCAST),
    "broadcaster_is_gone": row(BACK, passes=(CLOSES, WHOLE), changes=ONE_BROADCAST),
    # many upgrades
    "upgrades_in_turn": row(AT_ONCE, passes=(AFTERWARDS,)),
    "slots_not_given_back": row(AFTERWARDS, passes=(AT_ONCE,)),
    # latency
    "answers_block": row("test_frame_latency[p50]", passes=("test_turn_latency[p95]",), changes=PATIENT),
    "turns_in_turn": row(
        "test_turn_latency[first_p95]",
        passes=("test_turn_latency[p95]", "test_frame_latency[p50]"),
        changes={"chat": {"latency": {"first_p95": 2.0}}},
    ),
    # it looks odd, and is healthy
    "benign.heartbeats_by_protocol": row(passes=(PACE, STAYS, FOUND, BESIDE), changes=BY_PING),
    "benign.broadcast_by_a_task": row(
        passes=(_reaches("to-all"), _order("to-all"), _stalled("to-all"), CLOSES, WHOLE, BACK), changes=ONE_BROADCAST
    ),
    "benign.upgrades_refused": row(
        passes=(AT_ONCE, AFTERWARDS), changes={"websocket": {"upgrades": {"refused": [503]}}}
    ),
}
