"""A person's data erased on his request: what is known of him, what goes, what stays and why."""
