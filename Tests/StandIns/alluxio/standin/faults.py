"""Faults that a test switches on and off while all runs: files in a folder that all pods of a runtime see.

A file's name is WHO.WHAT, where WHO is a pod's name, `client` or `jobs`; its text says the rest. It works for as long as
the file is there.

POD.list-refused      nothing listens on the web port      POD.list-hang      the list never comes
POD.list-long N       it lists N more, persisted files     POD.list-garbled   it breaks off in the middle
POD.list-blank        as with alluxio.web.file.info.enabled=false: no files, no tiers, whatever is there
POD.list-orphaned     as with a dead master: a count, and no files
POD.stuck TEXT        blocks of paths with TEXT in them are never removed, until the worker starts again
POD.locked TEXT       a reader holds them: they are removed when the file is gone
POD.refill N TEXT     N times readers fetch again what was freed of them
POD.mute              the worker does not call the master
POD.crash             the worker ends, and again whenever it starts
POD.safe-mode         the master stays in safe mode
client.writes-to IP   the worker at this address alone takes what is loaded or written
client.hang WORD N    the next N calls with WORD among their arguments stand still while the file is there
client.cut WORD N     ... are killed in the middle of what they print
client.killed WORD N  ... are killed before they do anything, as for lack of memory (137)
client.garbage WORD N ... print what nobody can read, and succeed
client.slow WORD N S  ... take S seconds longer
client.upload         a file that is written stays half written
jobs.hold             nothing is persisted
"""
import fcntl
import os

FOLDER = os.environ.get("ALLUXIO_FAULTS", "/faults")
POD = os.environ.get("POD_NAME", "")


def fault(what, who=None):
    """The fault's text, or None if it is not switched on."""
    try:
        with open(f"{FOLDER}/{POD if who is None else who}.{what}", encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def claim(what, who, place, applies=lambda words: True):
    """Takes one from the number at `place` in a fault's text; returns its words, or None if there is nothing to take."""
    try:
        file = open(f"{FOLDER}/{who}.{what}", "r+", encoding="utf-8")
    except FileNotFoundError:
        return None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        words = file.read().split()
        if int(words[place]) <= 0 or not applies(words):
            return None
        file.seek(0)
        file.write(" ".join(words[:place] + [str(int(words[place]) - 1)] + words[place + 1:]))
        file.truncate()
        return words
