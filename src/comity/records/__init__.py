"""Record, RecordType, FieldSpec, contact points, relations, custom fields, conditions, saved views, files, tags."""
