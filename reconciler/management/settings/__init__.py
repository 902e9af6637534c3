"""/v1/settings: the Settings of a namespace as keys and values, as the seeds have theirs.

keys      which keys there are: those of the seeds that mean something here, and the fields of the Settings by their paths
routes    read, set and take away, one by one or several
"""
