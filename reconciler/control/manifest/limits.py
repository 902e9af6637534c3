"""How large a manifest may be. Every bound is far above what people write and low enough to refuse an attack at once."""

MAX_FILE_BYTES = 32 * 1024 * 1024
"""One file, or the whole of stdin: an export of some 30,000 resources."""

MAX_TOTAL_BYTES = 256 * 1024 * 1024
"""All files of one reading."""

MAX_DOCUMENT_BYTES = 1024 * 1024
"""One document; also the text that its aliases may add up to."""

MAX_DOCUMENTS = 100_000
"""Documents of one file."""

MAX_NODES = 20_000
"""Keys, values and collections of one document; aliases may expand to as many again."""

MAX_DEPTH = 64
"""Collections inside one another."""

MAX_FILES = 100_000
"""Manifest files of one reading."""

MAX_ENTRIES = 1_000_000
"""Folder entries looked at in one reading, manifests or not."""

MAX_DOCUMENT_PROBLEMS = 50
"""Errors reported for one document."""

MAX_FILE_PROBLEMS = 1_000
"""Errors reported for one file."""

MAX_KUSTOMIZATIONS = 10_000
"""Kustomizations of one overlay; one that is named again counts again."""

MAX_PATCH_STEPS = 20_000_000
"""Steps of work that the patches of one overlay may take: patches times resources, weighed by their patterns."""
