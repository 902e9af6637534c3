"""What both ends of the management API speak: values as documents, and documents as values.

Pure. It knows neither who serves (`management`) nor who asks (`remote`), and no library of theirs: what one end writes
the other reads with the same declaration. Values that hold a secret have no form here.
"""
