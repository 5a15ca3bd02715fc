"""Backup and restore: one portable archive for both engines.

A plain tar: `tables/<room>.<model>.jsonl.gz` (one row a line, raw keys), `files/...`, with --with-secrets also
`secrets/...`, and `manifest.json` with the SHA-256 of every part, the migrations, the version, the engine and the time.
"""
