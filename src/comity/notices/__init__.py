"""Who is told what: bell and live stream."""
