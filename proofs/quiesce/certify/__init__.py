"""What a proof leaves behind, and how somebody who does not trust the prover checks it again. Knows no solver."""
