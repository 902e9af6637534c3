"""What keeps a store of this machine in order: for who works here, and for an admin who asks the management listener.

copying    verified copies: to a file of this machine, or to be sent away
searching  secrets where they should not be
rotating   a new encryption key, and the end of the older ones
local      all of it, and old contents and `doctor`, in the name of somebody
"""
