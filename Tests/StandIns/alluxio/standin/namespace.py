"""The master's files and folders, kept in its journal."""
import json
import os
import time

from .paths import AlluxioError, is_below, no_such, parent

CONTAINER = 1 << 24  # a file's blocks are numbered from N << 24, and the file has the last number (BlockContainerIdGenerator)
BLOCK_SIZE = 64 << 20


class Namespace:
    def __init__(self, properties):
        self.journal = os.path.join(properties.text("alluxio.master.journal.folder", "/journal"), "namespace.json")
        self.under_storage = properties.under_storage
        self.inodes = {}
        self.next = 1
        try:
            with open(self.journal, encoding="utf-8") as file:
                self.next, self.inodes = json.load(file)
        except FileNotFoundError:
            self.inodes["/"] = self.folder("PERSISTED")
        self.of_block = {block: name for name, inode in self.inodes.items() for block in inode["blocks"]}

    def folder(self, state):
        number = sum(inode["folder"] for inode in self.inodes.values())
        return {"id": number, "folder": True, "length": 0, "state": state, "pinned": False, "blocks": [], "time": time.time()}

    def save(self):
        with open(self.journal + ".new", "w", encoding="utf-8") as file:
            json.dump([self.next, self.inodes], file)
        os.replace(self.journal + ".new", self.journal)

    def get(self, name):
        """The inode, which is read from the under storage if it is not known yet (metadata load type ONCE)."""
        if name not in self.inodes:
            self.discover(name)
        if name not in self.inodes:
            raise no_such(name)
        return self.inodes[name]

    def known(self, name):
        if name not in self.inodes:
            raise no_such(name)
        return self.inodes[name]

    def discover(self, name):
        place = self.under_storage + name
        if not os.path.lexists(place):
            return
        if name != "/":
            self.discover_parents(name)
        if os.path.isdir(place):
            if name not in self.inodes:
                self.inodes[name] = self.folder("PERSISTED")
            for child in sorted(os.listdir(place)):
                # A name that is no text is shown with U+FFFD in it, as Java decodes it.
                text = os.fsencode(child).decode("utf-8", "replace")
                if name.rstrip("/") + "/" + text not in self.inodes:
                    self.discover(name.rstrip("/") + "/" + text)
        elif name not in self.inodes:
            status = os.stat(place)
            self.add_file(name, status.st_size, "PERSISTED", status.st_mtime)

    def discover_parents(self, name):
        folder = parent(name)
        if folder not in self.inodes:
            self.discover_parents(folder)
            self.inodes[folder] = self.folder("PERSISTED")

    def add_file(self, name, length, state, when=None):
        first = self.next * CONTAINER
        self.next += 1
        blocks = [first + number for number in range((length + BLOCK_SIZE - 1) // BLOCK_SIZE)]
        self.inodes[name] = {
            "id": first + CONTAINER - 1, "folder": False, "length": length, "state": state, "pinned": False,
            "blocks": blocks, "time": when or time.time()}
        for block in blocks:
            self.of_block[block] = name
        return self.inodes[name]

    def create(self, name, length):
        if name in self.inodes:
            raise AlluxioError(f"Not allowed to create file because path already exists: {name}")
        folder = parent(name)
        missing = []
        while folder not in self.inodes:
            missing.append(folder)
            folder = parent(folder)
        for folder in reversed(missing):
            self.inodes[folder] = self.folder("NOT_PERSISTED")
        return self.add_file(name, length, "NOT_PERSISTED")

    def children(self, folder):
        return sorted(name for name in self.inodes if name != "/" and parent(name) == folder)

    def walk(self, top):
        """Everything below, folders before what is in them; the real order is not specified."""
        yield top
        if self.inodes[top]["folder"]:
            for name in self.children(top):
                yield from self.walk(name)

    def files(self, top):
        return [name for name in self.walk(top) if not self.inodes[name]["folder"]]

    def remove(self, top):
        gone = [name for name in self.inodes if is_below(name, top)]
        blocks = [block for name in gone for block in self.inodes[name]["blocks"]]
        for name in gone:
            place = self.under_storage + name
            if self.inodes[name]["state"] == "PERSISTED" and os.path.isfile(place):
                os.remove(place)
            del self.inodes[name]
        for block in blocks:
            del self.of_block[block]
        return blocks
