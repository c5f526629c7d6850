"""Version 1 of the annotations, under the names that generated code imports."""
