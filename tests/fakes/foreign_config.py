"""Databases of other systems, made as their programs make them. No key in them was ever one of anybody."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from cryptography.fernet import Fernet

API_KEY = "sk-9a8b7c6d5e4f30211203f4e5d6c7b8a9"
TOKEN = "T2gU0nMadeForTests0123456789=="
COOKIES = "acw_tc=77; token=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.bm9uZQ"
OPENROUTER_KEY = "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"
OLD_KEY = "sk-or-v1-0000000000000000000000000000000000000000000000000000000000000000"

_SESSIONS = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, chat_id TEXT, created_at INTEGER);
CREATE TABLE requests (id INTEGER PRIMARY KEY, session_id TEXT, body TEXT);
CREATE TABLE responses (id INTEGER PRIMARY KEY, request_id INTEGER, body TEXT);
CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT);
INSERT INTO requests (session_id, body) VALUES ('a', '{}'), ('b', '{}');
"""
_SETTINGS = "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER);"
_PROVIDERS = """
CREATE TABLE providers (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, enabled BOOLEAN DEFAULT 1,
  priority INTEGER DEFAULT 0, description TEXT, created_at INTEGER, updated_at INTEGER);
CREATE TABLE provider_configs (id INTEGER PRIMARY KEY AUTOINCREMENT, provider_id TEXT, key TEXT, value TEXT,
  is_sensitive BOOLEAN DEFAULT 0, created_at INTEGER, updated_at INTEGER, UNIQUE(provider_id, key));
CREATE TABLE models (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, capabilities TEXT, created_at INTEGER,
  updated_at INTEGER);
CREATE TABLE provider_models (id INTEGER PRIMARY KEY AUTOINCREMENT, provider_id TEXT, model_id TEXT,
  is_default BOOLEAN DEFAULT 0, config TEXT, created_at INTEGER, updated_at INTEGER, UNIQUE(provider_id, model_id));
INSERT INTO providers (id, name, type, enabled, priority, description) VALUES
  ('lm-studio-default', 'LM Studio', 'lm-studio', 1, 10, 'under the desk'),
  ('qwen-proxy-default', 'Qwen Proxy', 'qwen-proxy', 1, 5, NULL),
  ('qwen-direct-default', 'Qwen Direct', 'qwen-direct', 0, 8, NULL),
  ('masked', 'Masked', 'qwen-direct', 1, 1, NULL);
INSERT INTO provider_configs (provider_id, key, value, is_sensitive) VALUES
  ('lm-studio-default', 'baseURL', 'http://192.168.7.20:1234/v1', 0),
  ('lm-studio-default', 'timeout', '120000', 0),
  ('lm-studio-default', 'defaultModel', 'qwen3-max', 0),
  ('lm-studio-default', 'headers', '{"X-Team": "research"}', 0),
  ('qwen-proxy-default', 'baseURL', 'http://localhost:3000', 0),
  ('qwen-direct-default', 'apiKey', '{api_key}', 1),
  ('masked', 'apiKey', '***MASKED***', 1),
  ('nobody', 'baseURL', 'http://localhost:1', 0);
INSERT INTO models (id, name, description, capabilities) VALUES
  ('qwen3-max', 'Qwen3 Max', 'the large one', '["chat", "tool-calling"]'),
  ('qwen/qwen3-coder:8b', 'Coder', NULL, 'chat'),
  ('', 'nameless', NULL, NULL);
INSERT INTO provider_models (provider_id, model_id, is_default, config) VALUES
  ('lm-studio-default', 'qwen3-max', 1, '{"temperature": 0.7, "model": "x"}'),
  ('lm-studio-default', 'qwen/qwen3-coder:8b', 1, NULL),
  ('qwen-direct-default', 'qwen3-max', 0, 'none'),
  ('nobody', 'qwen3-max', 0, NULL);
INSERT INTO settings (key, value) VALUES ('active_provider', 'lm-studio-default'), ('server.port', '8000'),
  ('logging.level', 'info'), ('theme', 'dark');
"""
_CREDENTIALS = """
CREATE TABLE qwen_credentials (id INTEGER PRIMARY KEY, token TEXT, cookies TEXT, expires_at INTEGER, created_at INTEGER,
  updated_at INTEGER);
INSERT INTO qwen_credentials (token, cookies, expires_at) VALUES ('old-{token}', 'old', 1), ('{token}', '{cookies}', 1767225600000);
"""
VERSIONS: Mapping[int, tuple[str, ...]] = {
    1: (_SESSIONS,),
    2: (_SESSIONS, _SETTINGS),
    3: (_SESSIONS, _SETTINGS, _PROVIDERS),
    4: (_SESSIONS, _SETTINGS, _PROVIDERS, _CREDENTIALS),
    5: (
        _SESSIONS,
        _SETTINGS.replace("updated_at", "created_at INTEGER, updated_at"),
        _PROVIDERS,
        _CREDENTIALS,
    ),
}


def provider_router(path: Path, version: int = 5) -> Path:
    texts = {"{api_key}": API_KEY, "{token}": TOKEN, "{cookies}": COOKIES}
    with closing(sqlite3.connect(path)) as connection:
        for script in VERSIONS[version]:
            for name, text in texts.items():
                script = script.replace(name, text)  # noqa: PLW2901  a template
            connection.executescript(script)
        connection.execute("INSERT INTO metadata VALUES ('schema_version', ?)", (str(version),))
        connection.commit()
    return path


def oxide(path: Path, key: bytes | None) -> Path:
    """With `key` None nothing in `services` is encrypted."""
    encrypted = Fernet(key).encrypt(OPENROUTER_KEY.encode()).decode() if key is not None else None
    snapshot = {
        "services": {"openrouter": {"api_key": OLD_KEY}, "ollama_local": {"type": "http"}},
        "rules": [1],
    }
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            PRAGMA journal_mode=WAL;
            CREATE TABLE services (id TEXT PRIMARY KEY, name TEXT, type TEXT, enabled BOOLEAN, executable TEXT, base_url TEXT,
              api_type TEXT, api_key_encrypted TEXT, default_model TEXT, max_context_tokens INTEGER, capabilities TEXT,
              models TEXT, preferred_models TEXT, fallback_models TEXT, use_free_only BOOLEAN, max_retries INTEGER,
              retry_delay INTEGER, created_at REAL, updated_at REAL, node_id TEXT);
            CREATE TABLE routing_rules (task_type TEXT PRIMARY KEY, primary_service TEXT, fallback_services TEXT,
              parallel_threshold_files INTEGER, timeout_seconds INTEGER, created_at REAL, updated_at REAL);
            CREATE TABLE execution_settings (id INTEGER PRIMARY KEY, max_parallel_workers INTEGER, timeout_seconds INTEGER,
              streaming BOOLEAN, retry_on_failure BOOLEAN, max_retries INTEGER, updated_at REAL);
            CREATE TABLE discovered_nodes (id TEXT PRIMARY KEY);
            CREATE TABLE config_history (id INTEGER PRIMARY KEY, config_snapshot TEXT, change_description TEXT, created_at REAL);
            INSERT INTO services (id, name, type, enabled, base_url, api_type, default_model, models) VALUES
              ('ollama_local', 'ollama_local', 'http', 1, 'http://localhost:11434', 'ollama', 'llama3.2:3b', '["llama3.2:3b"]');
            INSERT INTO routing_rules VALUES ('general_purpose', 'openrouter', '["ollama_local"]', NULL, 60, 1.5, 1.5);
            INSERT INTO execution_settings VALUES (1, 3, 90, 1, 1, 2, 1.5);
            INSERT INTO discovered_nodes VALUES ('n1');
            """
        )
        connection.execute(
            "INSERT INTO services (id, name, type, enabled, base_url, api_type, api_key_encrypted, default_model, max_retries,"
            " retry_delay) VALUES ('openrouter', 'OpenRouter', 'http', 1, 'https://openrouter.ai/api/v1', 'openai_compatible',"
            " ?, 'qwen/qwen3-coder', 2, 1)",
            (encrypted,),
        )
        for text in (json.dumps(snapshot), json.dumps(snapshot), "no json"):
            connection.execute("INSERT INTO config_history (config_snapshot) VALUES (?)", (text,))
        connection.commit()
    return path
