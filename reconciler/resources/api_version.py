"""The one `apiVersion`. Apart from the models of the kinds: the store's read half needs it, and imports no pydantic."""

API_VERSION = "routerctl.dev/v1"
