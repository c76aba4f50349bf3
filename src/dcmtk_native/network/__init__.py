"""Network clients: associations, and DCMTK's tools over them."""
