"""Does OpenRouter still do what the simulator does? `make live` looks, and prints a table."""
