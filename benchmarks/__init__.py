"""How fast it is, and how little it sends: `make bench`."""
