"""The evidence that a proof leaves behind, and its check by somebody who does not trust the prover. Knows no solver."""
