"""Leads, deals, pipelines, stages."""
