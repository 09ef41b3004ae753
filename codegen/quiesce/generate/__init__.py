"""Generation: from a checked machine to the files of a Python package.

`package.render` gives the files as text, `files.compare` says how they stand against those on disk, and `files.write`
puts them there. Only `package` needs jinja2.
"""
