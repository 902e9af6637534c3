"""/v1/models: Models, in the seeds' shapes and in OpenAI's at once.

shapes    a Model as it is shown, and what may be sent
routes    list, get, make, replace, change, delete
sync      what upstreams have, as Models and Bindings
"""
