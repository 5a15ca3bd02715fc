"""The commands of `comity`, one module each: `arguments(parser)` and `run(options)`."""
