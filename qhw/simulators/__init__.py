"""What a network answers: the golden, and the simulators that are held to it."""
