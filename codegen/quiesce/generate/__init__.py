"""Generation: from a checked machine to the files of a Python package.

`pages.render` gives the files as text, `files.compare` says how they stand against those on disk, and `write.write`
puts them there. Only `pages` needs jinja2.
"""
