"""What the command line needs: projects, builds, and reports as text, Markdown and JSON."""
