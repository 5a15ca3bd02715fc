"""Cards of the base that are likely the same: found in the background, looked at, merged or told apart."""
