"""What keeps a store in order, for an admin who sees all of it: copies, old contents, `doctor`, lost secrets, the key.

A few at a time (`turns`): each reads or copies all of a store. What may be is asked again by who carries it out (`keepers`, a
port). A copy is sent as it is read (`copying`), and has no name on the disk while it is.

    operations what each route does, for the OpenAPI document
"""
