"""The command line: projects, builds, and reports as text, Markdown and JSON."""
