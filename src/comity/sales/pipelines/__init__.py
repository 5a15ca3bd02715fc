"""Pipelines: the stages a deal goes along, what each plans and what it demands; goals."""
