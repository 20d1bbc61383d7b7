"""What is said of a cluster: why a worker can't be used, why a submission wasn't marked."""

from __future__ import annotations

#: Of a submission whose workers ended; {times} of them, {why} is what is known of the last.
LOST = (
    "The workers that marked it have ended, {times} times, perhaps for want of memory or of time "
    "({why}): run the same command again, on workers that have more."
)
#: Why a worker is taken to have ended, for {why} above.
LEFT = "the last one left the cluster"
FRESH = "the last one was started anew"

#: Why a worker can't be used.
VERSION = (
    "it has grader {there}, Python {python} and numpy {numpy}, where this machine has grader "
    "{here}, Python {own_python} and numpy {own_numpy}"
)
LEVEL = (
    "it confines code at {found}, which is less than {least}: name a level with --isolation, or "
    "take it out of the cluster"
)
KEY = "the key in {folder} isn't the one of this run"
PLAIN = "its address {address} isn't encrypted, and the key may not go there"
UNABLE = "it can't run the grader ({error}): install the same version of it there"

#: What a run says of its workers as they come and go.
REFUSED = "a worker isn't used: {reason} ({address})"
NONE_FITS = "no worker of the cluster can be used: {reasons}"
WAITING = "no worker has joined the cluster yet: waiting for one"
SCHEDULER_GONE = "the scheduler at {where} doesn't answer: waiting for it"
SCHEDULER_BACK = "the scheduler at {where} answers again"
GIVEN_UP = (
    "the scheduler at {where} hasn't answered for {minutes:g} minutes: results so far are kept, "
    "and the same command goes on from there"
)
NO_SCHEDULER = (
    "no scheduler answers at {where} ({why}): start one (dask scheduler), or correct --cluster"
)
NO_TLS = (
    "{where} talks by TLS, and dask has no certificate on this machine: write its settings as "
    "docs/cluster.md says"
)
NO_FILE = (
    "{where} is no file that a scheduler wrote: name the one of its --scheduler-file, an address "
    "such as tls://host:8786, or local"
)

#: What has to be said with --cluster.
SAY_KEY = (
    "say how the workers get the key: --cluster-key send to send it to them, or --cluster-key DIR "
    "for a folder that holds it on each of them"
)
SEND_PLAIN = (
    "{where} isn't encrypted, and the key isn't sent there: set up TLS for the cluster "
    "(docs/cluster.md), or put the key on the workers yourself and name it with --cluster-key DIR"
)
KEY_ALONE = "--cluster-key is for a cluster: say --cluster, too"
