"""Scripts to be tried: a few callers, each with a few calls, and their peers."""

from typing import Final

from .acts import (
    GONE,
    HARD,
    LOST,
    OVER,
    TIMED,
    VISITS,
    accepts,
    answers,
    begins_to_receive,
    begins_to_send,
    cancels,
    cleans_up,
    closes,
    closes_the_listener,
    connects,
    counts,
    drops,
    in_turn,
    listens,
    option,
    reads_all,
    reads_little,
    receives,
    receives_one_of,
    resets,
    selects,
    sends,
    shuts_down,
    starts,
    starts_with,
    transmits,
    tries,
    waits_for,
    waits_for_release,
    waits_for_the_operation,
)
from .stage import Script

CONNECTED: Final = in_turn(starts, connects)
READER: Final = {1: reads_all}

LIFE: Final = {
    "the initialisation fails": Script(clients={"A": tries, "B": tries}, failing=1),
    "nobody holds it any more": Script(
        before=CONNECTED, clients={"A": in_turn(transmits(b"abcdefgh"), drops)}, peers=READER
    ),
    "two begin and end": Script(clients={"A": VISITS, "B": VISITS}),
    "three nest": Script(before=in_turn(starts, starts), clients={"A": in_turn(cleans_up, cleans_up), "B": VISITS}),
    "somebody stays": Script(
        before=starts,
        clients={"A": in_turn(starts, cleans_up, cleans_up), "B": in_turn(starts, waits_for("A"), cleans_up)},
    ),
    "somebody wants an older version": Script(
        before=in_turn(starts, starts),
        clients={"A": VISITS, "B": in_turn(starts_with(1, 1), cleans_up), "C": in_turn(cleans_up, cleans_up)},
    ),
    "a startup follows the last cleanup": Script(before=starts, clients={"A": cleans_up, "B": VISITS}),
    "the release is waited for": Script(
        before=CONNECTED, clients={"A": in_turn(transmits(b"abcd"), cleans_up), "B": waits_for_release}, peers=READER
    ),
    "somebody takes over": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), cleans_up), "B": VISITS},
        peers={1: reads_little},
        policy={"startup_while_draining": "take_over"},
    ),
    "who is taken over need not wait": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), cleans_up), "B": in_turn(starts, waits_for("A"), cleans_up)},
        peers=READER,
        late="A",
        policy={"startup_while_draining": "take_over"},
    ),
    "somebody counts": Script(
        before=CONNECTED,
        clients={
            "A": in_turn(transmits(b"abcd"), transmits(b"efgh"), cleans_up),
            "B": in_turn(starts, counts, cleans_up),
        },
        peers=READER,
    ),
}
"""Startups and cleanups."""

SENDING: Final = {
    "a close sends the rest": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), closes(), cleans_up), "B": VISITS},
        peers=READER,
    ),
    "a cleanup sends the rest": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), cleans_up), "B": VISITS},
        peers={1: reads_little},
    ),
    "two send": Script(
        before=in_turn(CONNECTED, starts),
        clients={
            "A": in_turn(transmits(b"abcd"), transmits(b"ef"), cleans_up),
            "B": in_turn(transmits(b"1234"), transmits(b"567"), cleans_up),
        },
        peers=READER,
    ),
    "a send waits for room": Script(
        before=in_turn(CONNECTED, transmits(b"abcdefgh")),
        clients={"A": in_turn(transmits(b"ijklmnop"), transmits(b"qr"), cleans_up), "B": VISITS},
        peers=READER,
    ),
    "a close ends a send": Script(
        before=in_turn(CONNECTED, transmits(b"abcdefgh"), transmits(b"ijklmnop")),
        clients={
            "A": transmits(b"qr", *GONE),
            "B": closes(),
            "C": in_turn(waits_for("A"), waits_for("B"), cleans_up),
        },
        peers=READER,
        late="AB",
    ),
    "a request is answered": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), receives(b"ok"), cleans_up), "B": VISITS},
        peers={1: answers(8)},
    ),
    "an answer comes early": Script(
        before=CONNECTED,
        clients={"A": in_turn(transmits(b"abcdefgh"), receives(b"ok"), transmits(b"ij"), cleans_up)},
        peers={1: answers(1)},
    ),
    "a peer is late": Script(
        before=CONNECTED,
        clients={
            "A": in_turn(transmits(b"abcdefgh", *GONE), transmits(b"ij", *GONE)),
            "B": closes(),
            "C": in_turn(waits_for("A"), waits_for("B"), cleans_up),
        },
        peers=READER,
        late="AB",
    ),
    "a last cleanup comes between": Script(
        before=in_turn(CONNECTED, transmits(b"abcdefgh")),
        clients={"A": transmits(b"ij", *OVER), "B": cleans_up},
        peers=READER,
        late="A",
    ),
}
"""Bytes on their way to peers."""

ENDS: Final = {
    "a stream is ended": Script(
        before=in_turn(CONNECTED, starts),
        clients={
            "A": in_turn(transmits(b"abcdefgh", "WSAESHUTDOWN"), cleans_up),
            "B": in_turn(shuts_down(1), cleans_up),
        },
        peers=READER,
    ),
    "a close is hard": Script(
        before=in_turn(CONNECTED, starts, option(*HARD)),
        clients={"A": in_turn(transmits(b"abcdefgh", *GONE), cleans_up), "B": in_turn(closes(), cleans_up)},
        peers=READER,
        resets=frozenset({1}),
    ),
    "a close waits": Script(
        before=in_turn(CONNECTED, starts, option(*TIMED)),
        clients={"A": in_turn(transmits(b"abcdefgh", *GONE), cleans_up), "B": in_turn(closes(), cleans_up)},
        peers={1: reads_little},
    ),
    "a peer resets": Script(
        before=CONNECTED,
        clients={
            "A": in_turn(transmits(b"abcdefgh", *LOST), transmits(b"ij", *LOST), cleans_up),
            "B": receives(b"12", *LOST, *OVER),
        },
        peers={1: resets},
        resets=frozenset({1}),
    ),
    "a drain is bounded": Script(
        before=in_turn(CONNECTED, transmits(b"abcdefgh")),
        clients={"A": cleans_up, "B": transmits(b"ij", *OVER)},
        peers=READER,
        late="A",
        resets=frozenset({1}),
        policy={"drain_timeout": 0.05},
    ),
}
"""Ends of streams, and of connections."""

WAITING: Final = {
    "a receive waits": Script(
        before=CONNECTED,
        clients={"A": in_turn(receives(b"12345"), closes(), cleans_up), "B": transmits(b"abcde", *OVER)},
        peers={1: sends(b"12345")},
    ),
    "two receive": Script(
        before=in_turn(CONNECTED, starts),
        clients={"A": in_turn(receives_one_of(b"12"), cleans_up), "B": in_turn(receives_one_of(b"12"), cleans_up)},
        peers={1: sends(b"12")},
    ),
    "a close ends a receive": Script(
        before=CONNECTED,
        clients={"A": receives(b"12", *OVER), "B": in_turn(closes(), cleans_up)},
        peers=READER,
        late="A",
    ),
    "a cleanup ends a receive": Script(
        before=CONNECTED,
        clients={"A": receives(b"12", *OVER), "B": cleans_up},
        peers=READER,
        hooks=False,
    ),
    "a receive is shut": Script(
        before=in_turn(CONNECTED, starts),
        clients={"A": in_turn(receives(b"12", "WSAESHUTDOWN"), cleans_up), "B": in_turn(shuts_down(0), cleans_up)},
        peers=READER,
    ),
    "a select waits": Script(
        before=CONNECTED,
        clients={"A": in_turn(selects, closes(*GONE), cleans_up), "B": in_turn(starts, closes(*GONE), cleans_up)},
        peers={1: sends(b"1")},
        forgetful=True,
    ),
    "a peer connects": Script(
        before=in_turn(starts, listens),
        clients={"A": in_turn(accepts(), transmits(b"abcdefgh"), closes(), cleans_up), "B": VISITS},
        peers=READER,
        connect=frozenset({1}),
    ),
    "nobody connects": Script(
        before=in_turn(starts, listens),
        clients={"A": accepts(*OVER), "B": in_turn(closes_the_listener, cleans_up)},
    ),
}
"""Calls that wait."""

OPERATIONS: Final = {
    "a send is waited for": Script(
        before=CONNECTED,
        clients={
            "A": in_turn(begins_to_send(b"abcdefgh"), waits_for_the_operation(8), cleans_up),
            "B": transmits(b"12", *OVER),
        },
        peers=READER,
    ),
    "a routine sends more": Script(
        before=CONNECTED,
        clients={"A": in_turn(begins_to_send(b"abcdefgh", then=transmits(b"ij", *OVER)), closes(), cleans_up)},
        peers=READER,
    ),
    "an operation is there first": Script(
        before=in_turn(CONNECTED, begins_to_receive),
        clients={
            "A": in_turn(receives(b"45"), waits_for("B"), cleans_up),
            "B": waits_for_the_operation(b"123"),
        },
        peers={1: sends(b"12345")},
    ),
    "an operation overtakes a receive": Script(
        before=in_turn(CONNECTED, starts),
        clients={
            "A": in_turn(receives_one_of(b"14"), cleans_up),
            "B": in_turn(begins_to_receive, waits_for_the_operation(b"123", b"23", b"234"), cleans_up),
        },
        peers={1: sends(b"12345")},
    ),
    "a receive is cancelled": Script(
        before=in_turn(CONNECTED, begins_to_receive),
        clients={"A": in_turn(waits_for_the_operation(b"12", b"1", "WSA_OPERATION_ABORTED"), cleans_up), "B": cancels},
        peers={1: sends(b"12")},
    ),
}
"""Overlapped operations."""

SCRIPTS: Final = {**LIFE, **SENDING, **ENDS, **WAITING, **OPERATIONS}

EVERY_DAY: Final = (
    "a startup follows the last cleanup",
    "somebody stays",
    "nobody connects",
    "a drain is bounded",
    "a receive is cancelled",
    "a cleanup ends a receive",
    "two begin and end",
    "a peer is late",
    "a select waits",
)
"""Those that are tried each time; together they take few seconds."""
