"""Every stage for one repository, one verdict."""
