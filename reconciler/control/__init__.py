"""CONTROL PLANE: makes the stored state equal to what the manifests declare.

`manifest` reads and checks files, `ownership` decides who may change a field, `plan` says what would change, `apply`
commits it as one revision. The only user of the store's writer. It never imports the gateway.
"""
