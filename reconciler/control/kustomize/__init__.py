"""Overlays: a folder with a kustomization.yaml → the documents that it stands for, for intake to check like any other.

    build(folder) -> Reading: documents, every problem with its place, all files that were read

The words are kustomize's, and so is what they do: what `kubectl kustomize` accepts of them gives the same documents
there and here. Two things differ on purpose: Settings keep their name, `default`, under a namePrefix or nameSuffix; and
a number in a merge patch stays a number where the base has a text in double quotes (kustomize keeps the quotes).
A key that is not known here is an error that names it. Nothing is fetched, run or generated.
Files are read through `loader` alone; everything else is pure.
"""
