"""How an argument of the client becomes a path in Alluxio, and how text is printed."""
import os
import sys


class AlluxioError(Exception):
    """What the client prints, on standard output, before it exits with 255."""


def is_utf8():
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return locale.lower().replace("-", "").endswith("utf8")


def argument(text):
    """What Java makes of an argument: without a locale every byte beyond ASCII is a question mark (seen on 2.9.0)."""
    raw = os.fsencode(text)
    if is_utf8():
        return raw.decode("utf-8", "replace")
    return "".join(chr(byte) if byte < 128 else "?" for byte in raw)


def say(text, stream=None):
    stream = stream or sys.stdout
    stream.buffer.write((text + "\n").encode("utf-8" if is_utf8() else "ascii", "replace"))
    stream.flush()


def path(text):
    """AlluxioURI: a query is cut off, a backslash is a slash, dots are resolved (seen on 2.9.0: /d/q?m freed /d/q)."""
    text = text.split("?", 1)[0].replace("\\", "/")
    if not text.startswith("/"):
        raise AlluxioError(f'Path "{text}" is invalid.')
    parts = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def parent(name):
    return name.rpartition("/")[0] or "/"


def is_below(name, folder):
    return folder == "/" or name == folder or name.startswith(folder + "/")


def no_such(name):
    return AlluxioError(f'Path "{name}" does not exist.')
