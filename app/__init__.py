"""The web side of Faultwalk: a thin translator between HTTP and the engine."""
