"""The stored state as four tables of SQL, for who looks into a store with sqlite3 or a viewer of databases.

They show what is live in the namespace `default`, by the names of columns that tables of such gateways have. Times are
milliseconds since the epoch. A value that is sealed is a
mask in them; of one that comes from elsewhere they say from where.
The views are of the schema: a change of one needs a migration, which drops the old one.
"""

MASK = "***MASKED***"

_PARTS = "SELECT 1 FROM json_tree(v.body, c.fullkey) AS t WHERE t.key"
_SEALED = f"EXISTS ({_PARTS} = 'sealed')"
_SENSITIVE = f"EXISTS ({_PARTS} IN ('sealed', 'valueFrom'))"
"""A secret field holds nothing else, whichever provider type has it: what was written as it is went to the vault."""


def _milliseconds(time: str) -> str:
    return f"CAST(strftime('%s', {time}) AS INTEGER) * 1000"


_TIMES = f"{_milliseconds('v.created')} AS created_at, {_milliseconds('coalesce(r.time, v.created)')} AS updated_at"


def _live(kind: str) -> str:
    return (
        "LEFT JOIN revision AS r ON r.number = v.valid_from"
        f" WHERE v.kind = '{kind}' AND v.namespace = 'default' AND v.valid_to IS NULL"
        " AND json_extract(v.body, '$.deletionTimestamp') IS NULL"
    )


def _spec(field: str) -> str:
    return f"json_extract(v.body, '$.spec.{field}')"


_PROVIDERS = f"""
CREATE VIEW providers AS
SELECT v.name AS id, coalesce({_spec("displayName")}, v.name) AS name, {_spec("type")} AS type,
    coalesce({_spec("enabled")}, 1) AS enabled, coalesce({_spec("priority")}, 0) AS priority,
    {_spec("description")} AS description, {_TIMES}
FROM version AS v {_live("Provider")}
"""  # noqa: S608  made of constants

_CONFIGS = f"""
CREATE VIEW provider_configs AS
SELECT row_number() OVER (ORDER BY v.name, c.key) AS id, v.name AS provider_id, c.key AS key,
    CASE
        WHEN {_SEALED} THEN '{MASK}'
        WHEN c.type IN ('true', 'false') THEN c.type
        ELSE CAST(c.value AS TEXT)
    END AS value,
    {_SENSITIVE} AS is_sensitive, {_TIMES}
FROM version AS v JOIN json_each(v.body, '$.spec.config') AS c {_live("Provider")}
"""  # noqa: S608  made of constants

_MODELS = f"""
CREATE VIEW models AS
SELECT v.name AS id, coalesce({_spec("displayName")}, v.name) AS name, {_spec("description")} AS description,
    {_spec("capabilities")} AS capabilities, {_TIMES}
FROM version AS v {_live("Model")}
"""  # noqa: S608  made of constants

_PROVIDER_MODELS = f"""
CREATE VIEW provider_models AS
SELECT row_number() OVER (ORDER BY v.name) AS id, {_spec("provider")} AS provider_id, {_spec("model")} AS model_id,
    coalesce({_spec('"default"')}, 0) AS is_default, {_spec("config")} AS config, {_TIMES}
FROM version AS v {_live("Binding")}
"""  # noqa: S608  made of constants

VIEWS = tuple(" ".join(view.split()) for view in (_PROVIDERS, _CONFIGS, _MODELS, _PROVIDER_MODELS))
