"""What every tool stands on: declarations, calls, errors, logs, cancellation."""
