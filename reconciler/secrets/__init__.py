"""MATERIAL: secret values, the keys that seal them, and the ways to them.

Plaintext exists only inside a SecretValue, from where `reveal()` takes it to a transport's header. Nothing here prints,
logs or stores one; every message names the place, the key ids or the flag to add, never a value.

`value` masks; `keys` loads the master keys, `key_command` asks a program for them; `place` is where a secret lives; `cipher`
seals for one place, in the vault; `sealing` for one place, to a public key; `references` says what a field holds;
`sources` reads the environment and files, as far as the process allows; `resolver` joins them.
"""
