"""Text of strangers in a format: one module for each, so that it is read there as text, and as nothing else.

What goes to a terminal is quoted by `quiesce.console.style`, behind everything that prints; JSON by `json.dumps`, which
writes ASCII alone; a comment of SMT-LIB by the script that it stands in; a path in a header by the header.
"""
