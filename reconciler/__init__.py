"""routerctl: LLM routing whose configuration is a git commit.

Two planes meet in one frozen contract:

- `control` makes the stored state equal to what the manifests declare, and is the only user of the store's writer;
- `gateway` serves LLM clients from a `snapshot`, and writes nothing but observations.

Below them: `store` (what is so, and was), `snapshot` (what the gateway may know), `secrets` (material), `resources`
(what can be declared), `provider_types` and `protocol` (how upstreams and clients speak). Above them: `management`
(the operator's listener), `bootstrap` (one module a process) and `cli`. docs/architecture.md tells the whole road.
"""

__version__ = "0.1.0"
