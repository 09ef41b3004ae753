"""A search through all schedules of a few threads that call the shell of a package.

`world` decides who goes on when, `states` tells when two states are alike, `loading` puts the decisions into the text
of the shell, and `rules` looks at what the shell does. All of it is copied into each package, beside its tests.
"""
