"""WHAT a patch makes of a value: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902), pure.

    merge_patch(target, patch)  -> the new value
    json_patch(target, operations) -> the new value; raises InvalidInput with the operation's number and path

The result shares nothing with what came in, and what came in stays as it was, also where a patch fails half-way.
"""
