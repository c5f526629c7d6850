"""How many of the catalogue's faults the tester finds, and how soon."""
