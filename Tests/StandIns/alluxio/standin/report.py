"""The tables of `fsadmin report`, to the byte: columns are padded, and lines end in blanks."""
TIERS = ("MEM", "SSD", "HDD")


def size(count):
    """FormatUtils.getSizeFromBytes: up to 5 x 1024 of a unit stay in that unit."""
    if count <= 5 * 1024:
        return f"{count}B"
    for unit in ("KB", "MB", "GB", "TB", "PB"):
        count /= 1024
        if count <= 5 * 1024 or unit == "PB":
            return f"{count:.2f}{unit}"


def totals(workers, kind):
    """A line for all tiers, and one for each."""
    tiers = {alias: sum(worker[kind].get(alias, 0) for worker in workers) for alias in TIERS
             if any(alias in worker[kind] for worker in workers)}
    name = "Total" if kind == "capacity" else "Used"
    lines = [f"    {name} Capacity: {size(sum(tiers.values()))}"]
    return lines + [f"        Tier: {alias}  Size: {size(count)}" for alias, count in tiers.items()]


def all_of(worker, kind):
    return sum(worker[kind].values())


def capacity(workers, which, new, version, revision):
    """CapacityCommand: 2.9.4 added the columns for state, version and revision."""
    total, used = (sum(all_of(worker, kind) for worker in workers) for kind in ("capacity", "used"))
    percentage = used * 100 // total if total else 0
    lines = [f"Capacity information for {which} workers: "]
    if new:
        lines.append(f"    Total vCPUs: {2 * len(workers)}")
    lines += totals(workers, "capacity") + totals(workers, "used")
    lines += [f"    Used Percentage: {percentage}%", f"    Free Percentage: {100 - percentage}%", ""]
    longest = max(len(worker["address"]["host"]) for worker in workers)
    width = longest + 5 if longest >= 16 else 16
    aliases = [alias for alias in TIERS if any(alias in worker["capacity"] for worker in workers)]
    head = ["Worker Name", "State" if new else None, "Last Heartbeat", "Storage"]
    if len(aliases) == 1:
        head += [aliases[0]]
    else:
        head += ["Total", "".join(f"{alias:<14}" for alias in aliases)]
    lines.append(row(width, new, head, len(aliases), ("Version", "Revision")))
    for worker in sorted(workers, key=lambda worker: worker["idle"]):
        first = [worker["address"]["host"], worker["state"] if new else None, str(worker["idle"])]
        blank = ["", "" if new else None, ""]
        lines.append(row(width, new, first + cells(worker, "capacity", aliases), len(aliases), (version, revision)))
        lines.append(row(width, new, blank + cells(worker, "used", aliases), len(aliases), ("", "")))
    return lines


def cells(worker, kind, aliases):
    text, total = size(all_of(worker, kind)), all_of(worker, "capacity")
    if kind == "used" and total:
        # Nothing in brackets where there is no capacity, as after freeWorker (seen on 2.9.6).
        text += f" ({all_of(worker, 'used') * 100 // total}%)"
    if len(aliases) == 1:
        return [kind, text]
    tiers = (size(worker[kind][alias]) if alias in worker[kind] else "-" for alias in aliases)
    return [kind, text, "".join(f"{cell:<14}" for cell in tiers)]


def row(width, new, columns, tiers, ending):
    name, state, idle, kind, *rest = columns
    line = f"{name:<{width}} " + (f"{state:<15} " if new else "") + f"{idle:<16} {kind:<13} "
    line += rest[0] if tiers == 1 and not new else f"{rest[0]:<16}"
    if tiers != 1:
        line += " " + rest[1]
    return line + (f" {ending[0]:<16} {ending[1]:<40}" if new else "")
