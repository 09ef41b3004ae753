"""The parts of the reader of specs; `quiesce.spec.reader` is its door."""
