"""The demonstration: an offline piece of the Internet's DNS, and a contact file with the troubles of real life."""
