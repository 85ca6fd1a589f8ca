"""Puts tables of settings together."""

from wyoming_indextts.settings.origin import Table


def nested(flat: Table) -> Table:
    """Return the tables that dotted paths spell."""
    found: Table = {}
    for path, value in flat.items():
        *sections, key = path.split(".")
        entry: Table = {key: value}
        for section in reversed(sections):
            entry = {section: entry}
        found = merged(found, entry)
    return found


def merged(low: Table, high: Table) -> Table:
    """Return both tables in one; where both have a value, that of `high`."""
    both = dict(low)
    for key, value in high.items():
        match both.get(key), value:
            case dict(under), dict(over):
                both[key] = merged(under, over)
            case _:
                both[key] = value
    return both
