"""The data plane: serves LLM clients from a snapshot, and writes nothing.

    endpoints -> routing -> dispatch -> transport

`app` puts them together. A request takes the snapshot once and keeps it, so a revision never changes what is under
way. Nothing here knows the store, the kinds or the control plane. A client's headers end here: only its body goes on.
"""
