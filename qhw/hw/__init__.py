"""Components that know no layer: streams, memories, the matrix-vector unit, epilogues."""
