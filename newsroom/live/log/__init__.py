"""The log: numbering of events, rings, pruning."""
