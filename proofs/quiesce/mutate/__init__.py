"""Small faults of a spec, one at a time: each has to break a promise, or to make no difference at all.

What survives is something that the spec says and that no promise speaks of.
"""
