"""A part of the table of the integration layer: tokens, limits, origins, profiles, and a model that fails."""

from __future__ import annotations

from collections.abc import Mapping

from .chosen import Row, row

BAD = ("missing", "garbage", "altered", "forged", "unsigned", "expired", "wrong-audience")


def _both(*variants: str) -> tuple[str, ...]:
    """Return the tests of a token in these variants, with a request and with a socket."""
    return tuple(f"{test}[own-{each}]" for test in ("test_token", "test_socket_token") for each in variants)


TIERS = ("messages-free", "messages-pro")
LESS = tuple(f"test_socket_token[own-{each}]" for each in ("underscoped", "lookalike"))


def _said(*tests: str) -> tuple[str, ...]:
    """Return these tests of the limits of what is said, of both tiers."""
    return tuple(f"{test}[{each}]" for test in tests for each in TIERS)


SHORT: Mapping[str, Mapping[str, object]] = {"launch": {"boot_timeout": 10.0}}
"""For a boot that never becomes ready."""

LIMITS = ("test_limit[requests]", "test_limit_of_each_user[requests]")
ORIGINS = ("test_allowed_origin[pages]", "test_foreign_origin[pages]", "test_socket_origin[pages]")
WAYS = ("throttles", "errs", "falls-silent", "breaks-off")
BY_CLOSE: Mapping[str, object] = {"refused": None, "refused_close": [1008]}
PUBLIC: Mapping[str, object] = {"origins": ["*"], "foreign": None, "credentials": None, "socket": None}

ROWS: Mapping[str, Row] = {
    # tokens
    "signature_unverified": row(
        *_both("altered", "forged", "unsigned"), passes=_both("good", "missing", "garbage", "expired", "wrong-audience")
    ),
    "expiry_ignored": row(*_both("expired"), passes=_both("good", "wrong-audience", "forged")),
    "audience_ignored": row(*_both("wrong-audience"), passes=_both("good", "expired", "forged")),
    "unsigned_accepted": row(*_both("unsigned"), passes=_both("good", "forged", "altered")),
    "socket_takes_anybody": row(
        *(f"test_socket_token[own-{each}]" for each in BAD),
        passes=("test_socket_token[own-good]", "test_token[own-missing]", "test_socket_origin[pages]"),
    ),
    "socket_header_forgotten": row(
        "test_socket_token[own-good]", passes=("test_socket_token[of-auth-good]", "test_token[own-good]")
    ),
    "scope_ignored": row(*LESS, passes=("test_socket_token[own-good]", "test_socket_token[own-expired]")),
    "scope_within_text": row(LESS[1], passes=(LESS[0], "test_socket_token[own-good]")),
    "keys_fetched_late": row(
        "test_token_cache[of-auth]", passes=("test_token[of-auth-good]", "test_token[of-auth-forged]")
    ),
    # headers
    "headers_of_good_answers": row("test_security_headers[all]", passes=("test_token[own-good]",)),
    "headers_not_on_sockets": row("test_security_headers[all]", passes=("test_socket_token[own-missing]",)),
    "version_told": row("test_security_headers[all]", passes=("test_token[own-good]",)),
    # limits of what is said
    "messages_by_connection": row(
        *_said("test_message_limit"), passes=_said("test_message_burst", "test_message_limit_of_each_user")
    ),
    "messages_of_everybody": row(
        "test_message_limit_of_each_user[messages-free]",
        passes=("test_message_limit[messages-free]", "test_message_burst[messages-free]"),
    ),
    "messages_dropped": row(*_said("test_message_limit", "test_message_burst"), passes=("test_limit[requests]",)),
    "burst_overflows": row(*_said("test_message_limit", "test_message_burst"), passes=("test_limit[requests]",)),
    "answers_in_disorder": row(*_said("test_message_burst"), passes=_said("test_message_limit")),
    "tier_forgotten": row(
        "test_tier_limit[messages-pro]",
        "test_message_limit[messages-pro]",
        passes=(
            "test_tier_limit[messages-free]",
            "test_message_limit[messages-free]",
            "test_message_burst[messages-pro]",
        ),
    ),
    # limits
    "limit_counts_nothing": row("test_limit[requests]"),
    "limit_is_shared": row(*LIMITS),
    "limit_fails_open": row("test_limit[requests]"),
    "limit_breaks": row("test_limit[requests]"),
    "limit_untimed": row("test_limit[requests]", passes=("test_limit_of_each_user[requests]",)),
    # origins
    "any_origin": row("test_foreign_origin[pages]", passes=("test_allowed_origin[pages]", "test_socket_origin[pages]")),
    "origin_begins_alike": row("test_foreign_origin[pages]", passes=("test_allowed_origin[pages]",)),
    "header_not_allowed": row("test_allowed_origin[pages]", passes=("test_foreign_origin[pages]",)),
    "origins_of_another_stage": row(
        "test_allowed_origin[pages]", passes=("test_foreign_origin[pages]", "test_socket_origin[pages]")
    ),
    "socket_ignores_origin": row("test_socket_origin[pages]", passes=("test_foreign_origin[pages]",)),
    "auth_knows_other_origins": row(
        "test_allowed_origin[log-in]",
        passes=("test_foreign_origin[log-in]", "test_allowed_origin[pages]"),
        changes={"services": {"auth": {"env": {"CORS_ORIGINS": "https://old.example.com"}}}},
    ),
    # what is optional
    "optional_is_required": row(
        "test_profile[development-analytics]",
        "test_profile_report[development-analytics]",
        passes=("test_profile[production-analytics]", "test_profile_report[production-analytics]"),
        changes=SHORT,
    ),
    "required_is_swallowed": row(
        "test_profile[production-analytics]",
        "test_profile_report[production-analytics]",
        passes=("test_profile[development-analytics]", "test_profile_report[development-analytics]"),
    ),
    "cause_untold": row("test_profile_report[development-analytics]", passes=("test_profile[development-analytics]",)),
    "password_told": row("test_profile_report[development-analytics]", passes=("test_profile[development-analytics]",)),
    # a model that fails
    "model_retried_for_ever": row(
        "test_model_failure[llm-throttles]", "test_model_failure[llm-errs]", passes=("test_model_is_back[llm-errs]",)
    ),
    "answer_made_up": row(
        *(f"test_model_failure[llm-{way}]" for way in WAYS), passes=("test_health_without_model[llm-errs]",)
    ),
    "failure_untold": row("test_model_failure[llm-errs]", passes=("test_model_is_back[llm-errs]",)),
    "model_waited_for": row(
        "test_model_failure[llm-falls-silent]",
        passes=("test_model_failure[llm-errs]", "test_model_is_back[llm-falls-silent]"),
    ),
    "retry_after_ignored": row("test_model_failure[llm-throttles]", passes=("test_model_failure[llm-falls-silent]",)),
    "half_an_answer": row("test_model_failure[llm-breaks-off]", passes=("test_model_failure[llm-errs]",)),
    "breaker_stays_open": row("test_model_is_back[llm-throttles]", passes=("test_model_failure[llm-throttles]",)),
    "model_not_forgiven": row(
        *(f"test_model_is_back[llm-{way}]" for way in WAYS), passes=("test_health_without_model[llm-errs]",)
    ),
    "liveness_asks_model": row(
        *(f"test_health_without_model[llm-{way}]" for way in WAYS), passes=("test_model_failure[llm-errs]",)
    ),
    "readiness_ignores_model": row(
        *(f"test_health_without_model[llm-{way}]" for way in WAYS), passes=("test_model_is_back[llm-errs]",)
    ),
    # nothing is wrong, however unusual
    "benign.forbidden": row(passes=_both("good", *BAD)),
    "benign.socket_closed_later": row(passes=tuple(f"test_socket_token[own-{each}]" for each in ("good", *BAD))),
    "benign.bucket": row(
        passes=(*LIMITS, *_said("test_message_limit", "test_message_burst", "test_tier_limit")),
    ),
    "benign.hung_up": row(
        passes=_said("test_message_limit", "test_message_limit_of_each_user", "test_message_burst", "test_tier_limit"),
        changes={"limits": dict.fromkeys(TIERS, BY_CLOSE)},
    ),
    "benign.headers_in_capitals": row(passes=("test_security_headers[all]", "test_token[own-good]")),
    "benign.scopes_listed": row(passes=(*LESS, "test_socket_token[own-good]")),
    "benign.public": row(
        passes=("test_allowed_origin[pages]", "test_foreign_origin[pages]"), changes={"cors": {"pages": PUBLIC}}
    ),
}
