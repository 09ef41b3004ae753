"""Records of programs: every step that a core took, as it was written down, held against the model step by step."""
