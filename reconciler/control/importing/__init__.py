"""Other systems' configuration → resources.

Law: pure, but for `reading` and `source_files`, which read what is there and change nothing of it. Text, mappings and rows
go in; Findings come out: resources, the secrets that stood there in plain text, and every field that was not carried
over, with the reason. No message, repr or resource holds a secret.
"""
