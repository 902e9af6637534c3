"""WHO owns a field: Kubernetes' server-side apply, pure.

Field sets are Python sets of paths; union, difference and intersection are the set operators. Values go in and come
out; nothing here knows a store, a kind or a clock.
"""
