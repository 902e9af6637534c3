"""What kubectl's users look for: whole resources of every kind, revisions, export.

routes              all of them
reading, writing    /v1/resources: list, get; put, patch, delete
named, sent         which resource is meant; a whole one, or a patch, in a body
revisions           /v1/revisions: who changed what
exporting           /v1/export: manifests that apply to no change
"""
