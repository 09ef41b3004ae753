"""A search through schedules of the whole provider: callers, the owner of the I/O, people's code, and peers.

`kernel` stands for the operating system, `seams` puts it under the code of the package, `delays` decides who goes on
when, `stage` has the rules that every run has to keep, and `scripts` says what the callers and peers of a run do.
"""
