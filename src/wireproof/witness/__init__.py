"""The smallest message that shows a break, found by writing with one version and reading with
the other.
"""
