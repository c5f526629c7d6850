"""What is told of calls: metrics, traces, logs."""
