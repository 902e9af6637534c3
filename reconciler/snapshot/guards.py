"""What the Settings of the namespace `default` say for the whole gateway, as compiled, in one place."""

from reconciler.snapshot.egress import OPEN, Egress
from reconciler.snapshot.recording import Recording
from reconciler.snapshot.web_pages import NO_WEB_PAGES, WebPages

__all__ = ["NO_WEB_PAGES", "OPEN", "Egress", "Recording", "WebPages"]
