"""The git program, and what we let it do: fetch one branch into a mirror of our own, and tell what a commit holds.

No repository can make it do more. It runs without hooks, prompts, filters and submodules, over https, ssh and file
alone, with limits on time and size. It never writes a working tree: blobs are read as they are, and the files that are
manifests are written here. No message holds what a URL holds of credentials.
"""
