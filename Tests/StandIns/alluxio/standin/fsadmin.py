"""`alluxio fsadmin`: reports, and from 2.9.4 on the workers' service."""
import sys
import time

from .paths import AlluxioError, say
from .report import capacity, size, totals
from .rpc import Unreachable, call, exchange
from .weblist import REVISION, date

CATEGORIES = """Report Alluxio running cluster information.
Where [category] is an optional argument. If no arguments are passed in, summary information will be printed out.
[category] can be one of the following:
    capacity         worker capacity information
    metrics          metrics information
    summary          cluster summary
    ufs              under storage system information
    jobservice       job service metrics information
"""
FILTERS = """alluxio fsadmin report capacity [filter arg]
Report Alluxio capacity information.
Where [filter arg] is an optional argument. If no arguments passed in, capacity information of all workers will be printed out.
[filter arg] can be one of the following:
    -live                   Live workers
    -lost                   Lost workers
    -workers <worker_names>  Specified workers, host names or ip addresses separated by ","

Too many arguments passed in."""
QUIET_POLLS, FAILED_POLLS = 20, 5


class Shell:
    def __init__(self, properties):
        self.properties = properties
        self.commands = {"report": self.report}
        if properties.has_decommission:
            self.commands |= {"decommissionWorker": self.decommission, "enableWorker": self.enable}

    def call(self, name, **arguments):
        return call(self.properties.masters, name, **arguments)

    def report(self, words):
        category, *words = words or ["summary"]
        known = ["-live", "-lost", "-workers"] + ["-decommissioned"] * self.properties.has_decommission
        for word in words:
            if word.startswith("-") and word not in known:
                raise AlluxioError(
                    f"Failed to parse args for report: Unrecognized option: {word}\n"
                    f"Usage: report [category] [category args]\n{CATEGORIES}")
        if category == "capacity":
            self.capacity(words)
        elif category == "summary":
            self.summary()
        else:
            raise AlluxioError(f"report [category] [category args]\n{CATEGORIES}\nreport category is invalid.")

    def capacity(self, words):
        """Without a filter lost and decommissioned workers are there too, with the figures of their last heartbeat."""
        if len([word for word in words if word.startswith("-")]) > 1:
            raise AlluxioError(FILTERS)
        workers = self.call("workers")["workers"]
        which = words[0][1:] if words else "all"
        states = {"live": "ACTIVE", "lost": "LOST", "decommissioned": "Decommissioned"}
        if which in states:
            workers = [worker for worker in workers if worker["state"] == states[which]]
        elif which == "workers":
            which, workers = "specified", self.named(words[1].split(","), workers)
        if not workers:
            say("No workers found.")
            return
        for line in capacity(workers, which, self.properties.has_decommission, self.properties.version, REVISION):
            say(line)

    @staticmethod
    def named(names, workers):
        hosts = [worker["address"]["host"] for worker in workers]
        strange = [name for name in names if name not in hosts]
        if strange:
            raise AlluxioError(
                f"Unrecognized worker names: [{', '.join(strange)}]\nSupported worker names: [{', '.join(hosts)}]\n")
        return [workers[hosts.index(name)] for name in names]

    def summary(self):
        summary = self.call("summary")
        workers, (host, port) = summary["workers"], self.properties.master
        days, rest = divmod(int(time.time() - summary["started"]), 86400)
        total, used = (sum(sum(worker[kind].values()) for worker in workers) for kind in ("capacity", "used"))
        lines = [
            "Alluxio cluster summary: ", f"    Master Address: {host}/<unresolved>:{port}",
            f"    Web Port: {self.properties.number('alluxio.master.web.port', 19999)}", f"    Rpc Port: {port}",
            f"    Started: {date(summary['started'])}",
            f"    Uptime: {days} day(s), {rest // 3600} hour(s), {rest // 60 % 60} minute(s), and {rest % 60} second(s)",
            f"    Version: {self.properties.version}", f"    Safe Mode: {str(summary['safe']).lower()}",
            "    Zookeeper Enabled: false", "    Raft-based Journal: false"]
        if self.properties.has_decommission:
            lines += [f"    {'Master Address':<32} {'State':<8} {'Version':<32}",
                      f"    {f'{host}:{port}':<32} {'PRIMARY':<8} {self.properties.version:<32}"]
        lines += [f"    Live Workers: {len(workers)}", f"    Lost Workers: {summary['lost']}"]
        lines += totals(workers, "capacity") + totals(workers, "used") + [f"    Free Capacity: {size(total - used)}"]
        for line in lines:
            say(line)

    def addresses(self, command, words, usage):
        for option in ("-a", "--addresses"):
            if option in words[:-1]:
                addresses = words[words.index(option) + 1].split(",")
                return [address if ":" in address else address + ":30000" for address in addresses]
        raise AlluxioError(f"Failed to parse args for {command}: Missing required option: a\nUsage: {usage}")

    def decommission(self, words):
        """Moves and frees nothing, does not heed --wait, waits for 20 quiet polls, and fails when repeated, though its help
        says that it may be (DecommissionWorkerCommand; seen on 2.9.6)."""
        addresses = self.addresses(
            "decommissionWorker", words, "decommissionWorker --addresses <workerHosts> [--wait waitTime] [--disable]")
        for address in addresses:
            say(f"Decommissioning worker {address}")
            try:
                self.call("decommission", host=address.rpartition(":")[0])
            except AlluxioError as error:
                live = "".join(f"\t{name}" for name in self.live())
                raise AlluxioError(
                    f"Worker {address.rpartition(':')[0]} is not known by the master. Please check the hostname or retry later. "
                    f"Available workers are: {live}") from error
            say(f"Set worker {address} decommissioned on master")
        refresh = self.properties.text("alluxio.user.worker.list.refresh.interval", "2min")
        for line in (f"Sent decommission messages to the master, 0 failed and {len(addresses)} succeeded", "Failed ones: []",
                     f"Clients take alluxio.user.worker.list.refresh.interval={refresh} to be updated on the new worker list so "
                     "this command will block for the same amount of time to ensure the update propagates to clients in the "
                     "cluster."):
            say(line)
        time.sleep(self.properties.seconds("alluxio.user.worker.list.refresh.interval", "2min"))
        say("Verifying the decommission has taken effect by listing all available workers on the master")
        say(f"Now on master the available workers are: \n[{', '.join(self.live())}]")
        lost = [address for address in addresses if not self.is_quiet(address)]
        if not lost:
            say("Waited 0 minutes for workers to be idle\nAll workers are successfully decommissioned and now idle. Safe to kill "
                "or restart this batch of workers now.")
            return 0
        idle = [address for address in addresses if address not in lost]
        say(f"{len(idle)} workers finished all their operations successfully:\n[{', '.join(idle)}]")
        say(f"{len(lost)} workers became inaccessible and we assume there are no operations, but we still recommend the admin to "
            f"double check:\n[{', '.join(lost)}]")
        return 10

    def live(self):
        rows = [worker for worker in self.call("workers")["workers"] if worker["state"] == "ACTIVE"]
        return [f"{worker['address']['host']}:{worker['address']['webPort']}" for worker in rows]

    def is_quiet(self, address):
        """Asks the node, where in a container network nobody listens."""
        host, _, port = address.rpartition(":")
        failed = quiet = 0
        while quiet < QUIET_POLLS:
            say(f"Polling status from worker {address}")
            try:
                exchange((host, int(port)), "GET", "/api/v1/worker/operations", timeout=5)
                quiet, failed = quiet + 1, 0
            except Unreachable as error:
                say(f"Failed to poll progress from worker {host}: {error}", sys.stderr)
                failed += 1
                if failed == FAILED_POLLS:
                    say(f"Failed to poll status from worker {address} for {FAILED_POLLS} times in a row. Worker is considered "
                        "inaccessible and not functioning.")
                    return False
            time.sleep(1)
        say(f"There is no operation on worker {address} for {QUIET_POLLS} times in a row. Worker is considered safe to stop.")
        return True

    def enable(self, words):
        for address in self.addresses("enableWorker", words, "enableWorker --addresses <workerHosts>"):
            say(f"Re-enabling worker {address}")
            self.call("enable")
            say(f"Re-enabled worker {address} on master")
        say("Successfully re-enabled all workers on the master. The workers should be able to register to the master and then "
            "serve normally.Note there is a short gap defined by alluxio.user.worker.list.refresh.interval before the clients "
            "become aware of this worker and start to use it.")
        return 0
