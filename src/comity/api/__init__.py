"""REST and OpenAPI from record types."""
