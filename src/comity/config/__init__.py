"""Settings, addresses, entry points, command line: the only place that knows every room."""
