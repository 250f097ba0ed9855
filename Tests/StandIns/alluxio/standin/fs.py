"""`alluxio fs`: what a drain, and who prepares one, calls."""
import os
import random
import re
import time

from .faults import fault
from .jobs import place_of, write_under
from .paths import AlluxioError, parent, path, say
from .rpc import Unreachable, call, exchange
from .weblist import date

FREE_TRIES = 10  # heartbeats that a free of one file waits (FreeCommand)


class Shell:
    def __init__(self, properties):
        self.properties = properties
        self.commands = {name: getattr(self, name) for name in (
            "cat", "cp", "free", "getUsedBytes", "load", "location", "ls", "mkdir", "persist", "pin", "rm", "unpin")}
        self.commands["copyFromLocal"] = self.cp
        if properties.has_decommission:
            self.commands["freeWorker"] = self.freeWorker

    def call(self, name, **arguments):
        return call(self.properties.masters, name, **arguments)

    def options(self, command, words, usage, description, known=""):
        """Splits options from the rest, as commons-cli does for one argument at least."""
        flags = set()
        while words and words[0].startswith("-") and len(words[0]) > 1:
            word, *words = words
            if word not in known.split():
                raise AlluxioError(
                    f"Failed to parse args for {command}: Unrecognized option: {word}\nUsage: {usage}\n{description}")
            flags.add(word)
        if not words:
            raise AlluxioError(
                f"Command {command} requires at least 1 arguments (0 provided)\nUsage: {usage}\n{description}")
        return flags, words

    def expand(self, pattern):
        """A * is the only wildcard, and can't be escaped: a file of that very name takes others with it (seen on 2.9.0)."""
        if "*" not in pattern:
            return [path(pattern)]
        pattern = path(pattern)
        top = parent(pattern.split("*", 1)[0] + "x")
        try:
            files = self.call("list", path=top, recursive=True)["files"]
        except AlluxioError as error:
            raise AlluxioError(f"alluxio.exception.FileDoesNotExistException: {error}") from error
        glob = re.compile("[^/]*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
        found = sorted(file["path"] for file in files if glob.fullmatch(file["path"]))
        if not found:
            raise AlluxioError(f"{pattern} does not exist.")
        return found

    def each(self, words, action):
        """Only the first path counts (seen on 2.9.0); each that it stands for is tried, errors come at the end."""
        errors = []
        for name in self.expand(words[0]):
            try:
                action(name)
            except AlluxioError as error:
                errors.append(str(error))
        if errors:
            raise AlluxioError("\n".join(errors))

    def free(self, words):
        flags, words = self.options(
            "free", words, "free [-f] <path>",
            "Frees the space occupied by a file or a directory in Alluxio. Specify -f to force freeing pinned files in the "
            "directory.", "-f")
        self.each(words, lambda name: self.free_one(name, "-f" in flags))

    def free_one(self, name, forced):
        """A folder's share in the cache is always 0, so that success is said at once, and bytes go later; a file is waited
        for (FreeCommand)."""
        for _ in range(FREE_TRIES + 1):
            self.call("free", path=name, forced=forced)
            status = self.call("status", path=name)
            # An empty file counts as cached: before 2.6 it was waited for in vain (upstream issue 13329).
            if not status["percentage"] or (not status["length"] and self.properties.since("2.6.0")):
                say(f"{name} was successfully freed from Alluxio space.")
                return
            time.sleep(self.properties.heartbeat)
        interval = int(self.properties.heartbeat * 1000)
        raise AlluxioError(
            "java.util.concurrent.TimeoutException: Timed out waiting for file to be freed. Another user may be loading it. "
            f"options: WaitForOptions{{interval={interval}, timeout={10 * interval}}} last value: false")

    def pin(self, words):
        self.set_pinned("pin", words, "pin <path> media1 media2 media3 ...",
                        "Pins the given file or directory in memory (works recursively for directories). Pinned files are "
                        "never evicted from memory, unless TTL is set.")

    def unpin(self, words):
        self.set_pinned("unpin", words, "unpin <path>",
                        "Unpins the given file or folder from memory (works recursively for a directory).")

    def set_pinned(self, command, words, usage, description):
        _, words = self.options(command, words, usage, description)

        def action(name):
            self.call("pin", path=name, pinned=command == "pin")
            say(f"File '{name}' was successfully {command}ned.")
        self.each(words, action)

    def ls(self, words):
        flags, words = self.options("ls", words, "ls [-R] <path>", "Lists a folder.", "-R -p")
        for name in self.expand(words[0]):
            for file in self.call("list", path=name, recursive="-R" in flags)["files"]:
                if "-p" not in flags or file["pinned"]:
                    say(self.ls_line(file))

    @staticmethod
    def ls_line(file):
        mode, length = ("drwxr-xr-x", file["children"]) if file["folder"] else ("-rw-r--r--", file["length"])
        share = "DIR" if file["folder"] else f"{file['percentage']}%"
        return (f"{mode:<12}{'root':<15}{'root':<15}{length:>15}{file['state']:>16}{date(file['time']):>24}{share:>5} "
                f"{file['path']:<5}")

    def load(self, words):
        _, words = self.options("load", words, "load <path>", "Loads a file or a folder into Alluxio.")
        workers = self.workers()
        for name in self.expand(words[0]):
            self.load_one(self.call("status", path=name), workers)

    def load_one(self, file, workers):
        if file["folder"]:
            for child in self.call("list", path=file["path"], recursive=False)["files"]:
                self.load_one(child, workers)
        elif file["percentage"] == 100:
            say(f"{file['path']} already in Alluxio fully")
            return
        elif file["state"] != "PERSISTED":
            raise AlluxioError(f"Block {file['blocks'][0]} is unavailable in both Alluxio and UFS.")
        else:
            with open(self.properties.under_storage + file["path"], "rb") as source:
                self.store(file["blocks"], source.read(), workers, "alluxio.user.ufs.block.read.location.policy")
        say(f"{file['path']} loaded")

    def workers(self):
        workers = [worker for worker in self.call("workers")["workers"]
                   if worker["state"] == "ACTIVE" and any(worker["capacity"].values())]
        if (only := fault("writes-to", "client")) is not None:
            workers = [worker for worker in workers if worker["address"]["containerHost"] == only]
        if not workers:
            raise AlluxioError("No available Alluxio worker found")
        # The policy for turns begins anywhere (RoundRobinPolicy shuffles).
        random.shuffle(workers)
        return workers

    def store(self, blocks, content, workers, policy):
        for number, block in enumerate(blocks):
            if "RoundRobin" in self.properties.text(policy):
                workers.append(workers.pop(0))
            else:
                random.shuffle(workers)
            place = place_of(workers[0]["address"])
            # A worker that went a moment ago is asked all the same (upstream issue 18299).
            try:
                self.put(place, "write", block, content[number << 26:(number + 1) << 26])
                while fault("upload", "client") is not None:
                    time.sleep(0.1)
                self.put(place, "commit", block)
            except Unreachable as error:
                raise AlluxioError(f"alluxio.exception.status.UnavailableException: io exception ({error})") from error

    @staticmethod
    def put(place, verb, block, content=b""):
        status, answer = exchange(place, "PUT", f"/{verb}/{block}", content)
        if status != 200:
            raise AlluxioError(answer.decode())

    def cp(self, words):
        _, words = self.options("cp", words, "cp <src> <dst>", "Copies files.", "-R -r --recursive")
        source = words[0].removeprefix("file://")
        target = path(words[1])
        workers = self.workers()
        if os.path.isdir(source):
            for name in sorted(os.listdir(source)):
                if os.path.isfile(f"{source}/{name}"):
                    self.copy(f"{source}/{name}", f"{target}/{name}", workers)
        else:
            self.copy(source, target, workers)
        say(f"Copied file://{source} to {target}")

    def copy(self, source, target, workers):
        with open(source, "rb") as file:
            content = file.read()
        # A file that is being written counts as not persisted, and has no bytes in the workers' lists.
        blocks = self.call("create", path=target, length=len(content))["blocks"]
        self.store(blocks, content, workers, "alluxio.user.block.write.location.policy.class")
        kind = self.properties.text("alluxio.user.file.writetype.default", "ASYNC_THROUGH")  # 2.x's default
        if kind == "CACHE_THROUGH":
            write_under(self.properties, target, content)
        self.call("complete", path=target, state={
            "MUST_CACHE": "NOT_PERSISTED", "CACHE_THROUGH": "PERSISTED", "ASYNC_THROUGH": "TO_BE_PERSISTED"}[kind])

    def persist(self, words):
        """Without a job service it says nothing for ever (seen on 2.9.0)."""
        _, words = self.options("persist", words, "persist <path> [<path> ...]", "Persists files or directories.")
        files = []
        for word in words:
            files += self.call("persist", path=path(word))["files"]
        say(f"Found {len(files)} files to persist.")
        for number, name in enumerate(files, 1):
            while (state := self.call("status", path=name)["state"]) == "TO_BE_PERSISTED":
                time.sleep(0.1)
            if state != "PERSISTED":
                raise AlluxioError(f"Failed to persist file {name}: {state}")
            say(f"({number}/{len(files)}) Successfully persisted file: {name}")

    def location(self, words):
        name = path(words[0])
        answer = self.call("locations", path=name)
        for line in [f"{name} with file id {answer['id']} is on nodes: "] + answer["hosts"]:
            say(line)

    def cat(self, words):
        status = self.call("status", path=path(words[0]))
        with open(self.properties.under_storage + status["path"], "rb") as file:
            os.write(1, file.read())

    def rm(self, words):
        flags, words = self.options("rm", words, "rm [-R] <path>", "Removes a file.", "-R -r --recursive")
        name = path(words[0])
        if self.call("status", path=name)["folder"] and not flags:
            raise AlluxioError(f"{name} is a directory, to remove it, please use \"rm -R/-r/--recursive <path>\"")
        self.call("remove", path=name)
        say(f"{name} has been removed")

    def mkdir(self, words):
        for word in words:
            self.call("mkdir", path=path(word))
            say(f"Successfully created directory {path(word)}")

    def getUsedBytes(self, _):
        used = sum(sum(worker["used"].values()) for worker in self.call("summary")["workers"])
        say(f"Used Bytes: {used}")

    def freeWorker(self, words):
        """Whatever lies in its folders goes, also the only copy of a file; of two workers of a name it is the first."""
        if not words:
            raise AlluxioError("Index 0 out of bounds for length 0")
        for worker in self.call("workers")["workers"]:
            if worker["address"]["host"] == words[0]:
                self.put(place_of(worker["address"]), "wipe", 0)
                say("Target worker has been freed successfully.")
                return
        raise AlluxioError(f"Worker {words[0]} is not found in Alluxio.")
