"""What both listeners share: the guard in front of them, and the socket below them.

A listener without keys spends its owner's money for whoever reaches it, and a browser on the same machine reaches it
for any web page. The guard refuses what a page could send. Nothing here knows a route, a kind or the store.
"""
