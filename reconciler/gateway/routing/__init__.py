"""Which candidates may serve what was asked, and in which order. Pure: a namespace and a name in, candidates out."""
