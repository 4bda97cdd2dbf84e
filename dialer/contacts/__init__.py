"""A row in, a contact or an excluded row out."""
