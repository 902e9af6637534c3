"""Asks a question with the openai SDK, as programs that were written for OpenAI's API do. Nothing in here knows routerctl.

OPENAI_BASE_URL=http://127.0.0.1:8484/v1 OPENAI_API_KEY=any python ask.py "What is the sea?"
"""

import sys

try:
    from openai import OpenAI
except ImportError:
    sys.exit("The openai SDK is not installed here: .venv/bin/python -m pip install openai")

QUESTION = " ".join(sys.argv[1:]) or "What is the sea? Answer in one sentence."

client = OpenAI()  # the variables tell it where, and with which key
stream = client.chat.completions.create(
    model="gpt-4o-mini",  # the alias gpt-* of the manifests leads to the local model
    messages=[{"role": "user", "content": QUESTION}],
    max_tokens=60,
    stream=True,
)
for chunk in stream:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()
