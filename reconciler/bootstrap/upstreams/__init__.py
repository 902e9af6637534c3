"""Providers asked by hand, as the gateway would ask them: same build, same key, same trust, same egress policy.

`building` builds one, `asking` sends a request and reads the answer, within bounds; `listing` asks for models, `words`
says what is wrong where something is. `bootstrap.provider_test` and `bootstrap.model_sync` stand on them.
"""
