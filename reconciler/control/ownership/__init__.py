"""WHO owns a field: Kubernetes' server-side apply, pure. Nothing here knows a store, a kind or a clock.

    apply.apply(live, managers, declared, structure, *, manager, now, subresource="")
        -> Applied(content, managers, conflicts)
    update.update(live, managers, new, structure, *, manager, now, subresource="") -> Updated(content, managers)

`live` is the object as it is ({} where there is none), `managers` its FieldManagers, `declared` what an applier sends,
`new` the whole object that a PUT or patch makes of it. `subresource` is "" or "status". Without force, an apply that
has `conflicts` must not be written; with it, `content` and `managers` are the result. Defaults, empty metadata that
vanishes, validation, generation and resourceVersion are the caller's: before `update`, after `apply`.

    managed_fields.managed_fields_json(managers, api_version), managers_of(json): metadata.managedFields
    resources.structure.structure_of_object(openAPIV3Schema, definitions={}) -> Structure, of a whole object

Field sets are Python sets of paths; union, difference and intersection are the set operators.
"""
