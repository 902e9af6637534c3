"""The tables of the records' file that `webhook` keeps what is to be told of providers' health in."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhook_turn (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), holder TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS webhook_told (what TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (what, provider, model));
CREATE TABLE IF NOT EXISTS webhook_message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, time REAL NOT NULL, body BLOB NOT NULL,
    attempts INTEGER NOT NULL);
"""
