"""The client end of the management API: what commands ask of a store on this machine, asked of a server.

It decides nothing that the server could: what it says of itself is an error of the connection or of the version, and all
else is the server's word. Commands load it where they are given a server, and only then.
"""
