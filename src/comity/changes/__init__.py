"""The command bus, the only writer, undo, the dispatcher of events to consumers."""
