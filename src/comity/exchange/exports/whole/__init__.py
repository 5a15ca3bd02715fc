"""The whole base in an open form: written to one archive, loaded into an empty installation. docs/export-format.md."""
