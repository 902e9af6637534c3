"""What `routerctl doctor` looks at. It changes nothing, migrates nothing, and sends nothing unless it is told to.

Each module finds: `storage` the files, `keys` the key and what it opens, `packages` types of others, `providers` what a gateway started here would
refuse, `serving` who serves, its clock and its ports, `online` what providers answer. `examine` asks them all. A
Finding says what is so, and where something is wrong, why that matters and what to do.
"""
