"""What happens around every call, in the order in which a call meets it."""
