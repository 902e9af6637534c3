"""Each fault in a manifest, and the line that a person reads about it."""

import pytest

from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.reader import read_text
from reconciler.provider_types.catalog import PROVIDER_TYPES

TYPES = ", ".join(PROVIDER_TYPES)
HEAD = "apiVersion: routerctl.dev/v1\n"
PROVIDER = HEAD + "kind: Provider\nmetadata: {name: p}\n"
OPENAI = PROVIDER + "spec:\n  type: openai-compatible\n  config:\n    baseURL: http://a/v1\n"
MODEL = HEAD + "kind: Model\nmetadata: {name: m}\n"
SECRET = HEAD + "kind: Secret\nmetadata: {name: s}\n"
NOT_A_NAME = (
    "not a valid name: letters, digits, '.', '_', '-'; begins and ends with a letter or digit; at most 253"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            OPENAI + "    baseUrl: http://a\n",
            'a.yaml:8:5: error: Provider/p: spec.config.baseUrl: unknown field "baseUrl"; did you mean "baseURL"?',
        ),
        (
            OPENAI + "    zzz: 1\n",
            (
                'a.yaml:8:5: error: Provider/p: spec.config.zzz: unknown field "zzz"; '
                "known here: baseURL, apiKey, timeout, connectTimeout, firstByteTimeout, idleTimeout, headers, toolCalling, tls"
            ),
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {}, enabeld: true}\n",
            'a.yaml:4:37: error: Provider/p: spec.enabeld: unknown field "enabeld"; did you mean "enabled"?',
        ),
        (
            MODEL + "spec: {}\nspecs: {}\n",
            'a.yaml:5:1: error: Model/m: specs: unknown field "specs"; did you mean "spec"?',
        ),
        (MODEL + "spec: {}\nzzz: {}\n", 'a.yaml:5:1: error: Model/m: zzz: unknown field "zzz"'),
        (
            HEAD + "kind: Model\nmetadata: {name: m, label: {}}\nspec: {}\n",
            'a.yaml:3:21: error: Model/m: metadata.label: unknown field "label"; did you mean "labels"?',
        ),
        (
            OPENAI + "    apiKey: {valueFrom: {secret: {name: n, key: k, keys: k}}}\n",
            (
                "a.yaml:8:52: error: Provider/p: spec.config.apiKey.valueFrom.secret.keys: "
                'unknown field "keys"; did you mean "key"?'
            ),
        ),
        (
            OPENAI + "    apiKey: {valuefrom: {env: A}}\n",
            (
                "a.yaml:8:14: error: Provider/p: spec.config.apiKey.valuefrom: "
                'unknown field "valuefrom"; did you mean "valueFrom"?'
            ),
        ),
        (
            SECRET + "spec: {data: {K: {vaule: x}}}\n",
            'a.yaml:4:19: error: Secret/s: spec.data.K.vaule: unknown field "vaule"; did you mean "value"?',
        ),
        (
            PROVIDER + "spec:\n  type: openai-compatible\n  config: {}\n",
            'a.yaml:6:3: error: Provider/p: spec.config.baseURL: "baseURL" is required',
        ),
        (
            PROVIDER + "spec:\n  type: openai-compatible\n",
            'a.yaml:4:1: error: Provider/p: spec.config.baseURL: "baseURL" is required',
        ),
        (
            HEAD + "kind: Binding\nmetadata: {name: b}\nspec: {model: m}\n",
            'a.yaml:4:1: error: Binding/b: spec.provider: "provider" is required',
        ),
        (
            PROVIDER + "spec: {config: {}}\n",
            (f'a.yaml:4:1: error: Provider/p: spec.type: "type" is required; one of {TYPES}'),
        ),
        (
            PROVIDER,
            (f'a.yaml:1:1: error: Provider/p: spec.type: "type" is required; one of {TYPES}'),
        ),
        (
            PROVIDER + "spec: {type: lmstudio, config: {}}\n",
            'a.yaml:4:8: error: Provider/p: spec.type: unknown provider type; did you mean "lm-studio"?',
        ),
        (
            PROVIDER + "spec: {type: telepathy, config: {}}\n",
            (f"a.yaml:4:8: error: Provider/p: spec.type: unknown provider type; one of {TYPES}"),
        ),
        (
            PROVIDER + "spec: {type: sk-proj-6f1d, config: {}}\n",
            (f"a.yaml:4:8: error: Provider/p: spec.type: unknown provider type; one of {TYPES}"),
        ),
        (
            PROVIDER + "spec: {type: 7, config: {}}\n",
            (f"a.yaml:4:8: error: Provider/p: spec.type: unknown provider type; one of {TYPES}"),
        ),
        (
            OPENAI + "    timeout: 30\n",
            "a.yaml:8:5: error: Provider/p: spec.config.timeout: 30 is 30 ms; write 30s or 30ms",
        ),
        (
            OPENAI + "    timeout: soon\n",
            "a.yaml:8:5: error: Provider/p: spec.config.timeout: expected a duration such as 90s, 250ms or 1h30m",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {}, priority: high}\n",
            "a.yaml:4:37: error: Provider/p: spec.priority: expected an integer",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: []}\n",
            "a.yaml:4:25: error: Provider/p: spec.config: expected a mapping",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {}, enabled: yes}\n",
            "a.yaml:4:37: error: Provider/p: spec.enabled: expected true or false",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {}, displayName: 7}\n",
            "a.yaml:4:37: error: Provider/p: spec.displayName: expected text; put quotes around it",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {errorStatus: 200}}\n",
            (
                "a.yaml:4:34: error: Provider/p: spec.config.errorStatus: "
                "expected a status from 400 to 599, or 0 for none"
            ),
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {chunkSize: 0}}\n",
            "a.yaml:4:34: error: Provider/p: spec.config.chunkSize: must be at least 1",
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {dimensions: 9000}}\n",
            "a.yaml:4:34: error: Provider/p: spec.config.dimensions: must be at most 8192",
        ),
        (
            OPENAI + "    apiKey: {valueFrom: {env: A_KEY, file: /a}}\n",
            (
                "a.yaml:8:5: error: Provider/p: spec.config.apiKey: "
                "expected exactly one of env, file, secret in valueFrom"
            ),
        ),
        (
            OPENAI + "    apiKey: {sealed: abc}\n",
            "a.yaml:8:14: error: Provider/p: spec.config.apiKey.sealed: not a sealed value: the whole text that routerctl secret seal prints (s1-...), or an id of the vault (v-...)",
        ),
        (
            OPENAI + "    apiKey: 7\n",
            "a.yaml:8:5: error: Provider/p: spec.config.apiKey: expected text, valueFrom or sealed",
        ),
        (
            OPENAI + "    headers: {x-team: {valueFrom: {env: A_KEY}}}\n",
            (
                "a.yaml:8:15: error: Provider/p: spec.config.headers.x-team: expected plain text; valueFrom and "
                "sealed are not taken here; write the text itself; a credential goes into spec.config.apiKey"
            ),
        ),
        (
            PROVIDER + "spec: {type: simulator, config: {text: {sealed: v-1}}}\n",
            (
                "a.yaml:4:34: error: Provider/p: spec.config.text: expected plain text; valueFrom and sealed are not "
                "taken here; write the text itself; only a field for secrets takes these"
            ),
        ),
        (
            OPENAI + "    headers: {x-team: {a: b}}\n",
            (
                "a.yaml:8:15: error: Provider/p: spec.config.headers.x-team: expected text, not a mapping; "
                "a text that begins with { goes in quotes"
            ),
        ),
        (
            OPENAI + "    headers: {x-team: [a]}\n",
            "a.yaml:8:15: error: Provider/p: spec.config.headers.x-team: expected text, not a list",
        ),
        (
            HEAD + "kind: Binding\nmetadata: {name: b}\nspec: {model: m, provider: p, upstreamModel: x-*}\n",
            (
                "a.yaml:4:31: error: Binding/b: spec.upstreamModel: * stands alone here, for what the * of the alias "
                "took; write the whole name, or just *"
            ),
        ),
        (
            MODEL + "spec: {aliases: [gpt-4, 'gpt-*-mini']}\n",
            "a.yaml:4:25: error: Model/m: spec.aliases[1]: an alias may hold one *, at its end",
        ),
        (MODEL + "spec: {aliases: gpt}\n", "a.yaml:4:8: error: Model/m: spec.aliases: expected a list"),
        (
            MODEL + 'spec: {displayName: ""}\n',
            "a.yaml:4:8: error: Model/m: spec.displayName: must not be empty",
        ),
        (
            MODEL + f"spec: {{displayName: {'x' * 257}}}\n",
            "a.yaml:4:8: error: Model/m: spec.displayName: too long: at most 256",
        ),
        (
            MODEL + "spec: [1]\n",
            "a.yaml:4:1: error: Model/m: spec: expected a mapping",
        ),
        (
            SECRET + "spec: {data: {K: sk-1}}\n",
            (
                "a.yaml:4:15: error: Secret/s: spec.data.K: "
                "expected a mapping; write {value: ...}, {sealed: ...} or {valueFrom: ...}"
            ),
        ),
        (
            SECRET + "spec: {data: {K: {value: a, sealed: v-1}}}\n",
            "a.yaml:4:15: error: Secret/s: spec.data.K: expected exactly one of value, sealed, valueFrom",
        ),
        (SECRET + "spec: {data: {}}\n", "a.yaml:4:8: error: Secret/s: spec.data: must not be empty"),
        (
            SECRET + "spec: {data: {K: {valueFrom: {secret: {name: a, key: b}}}}}\n",
            'a.yaml:4:31: error: Secret/s: spec.data.K.valueFrom.secret: unknown field "secret"; known here: env, file',
        ),
        (
            SECRET + "spec: {data: {K: {valueFrom: {env: '*'}}}}\n",
            (
                "a.yaml:4:31: error: Secret/s: spec.data.K.valueFrom.env: "
                "not the name of a variable: letters, digits and '_'; no digit first"
            ),
        ),
        (
            SECRET + "spec: {data: {a b: {value: x}}}\n",
            "a.yaml:4:15: error: Secret/s: spec.data[\"a b\"]: not a valid key: letters, digits, '.', '_', '-'; at most 253",
        ),
        (
            SECRET + "spec: {data: {K: {value: x}}, hosts: ['http://a']}\n",
            "a.yaml:4:39: error: Secret/s: spec.hosts[0]: not a host: write a name or an address, without scheme, port and path",
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: a/b}\nspec: {}\n",
            f"a.yaml:3:12: error: Model/a/b: metadata.name: {NOT_A_NAME}",
        ),
        (
            HEAD + "kind: Model\nmetadata: {}\nspec: {}\n",
            'a.yaml:3:1: error: Model/?: metadata.name: "name" is required',
        ),
        (HEAD + "kind: Model\nspec: {}\n", 'a.yaml:1:1: error: Model/?: metadata.name: "name" is required'),
        (
            HEAD + "kind: Model\nmetadata: m\nspec: {}\n",
            "a.yaml:3:1: error: Model/?: metadata: expected a mapping",
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, labels: {a b: c}}\nspec: {}\n",
            (
                'a.yaml:3:30: error: Model/m: metadata.labels["a b"]: '
                "not a valid label or annotation: an optional prefix/, "
                "then letters, digits, '-', '_' and '.' between letters or digits; at most 63"
            ),
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, finalizers: [a b]}\nspec: {}\n",
            (
                "a.yaml:3:34: error: Model/m: metadata.finalizers[0]: not a valid finalizer: an optional prefix/, "
                "then letters, digits, '-', '_' and '.' between letters or digits; at most 63"
            ),
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, finalizers: [a, b, a]}\nspec: {}\n",
            "a.yaml:3:21: error: Model/m: metadata.finalizers: a finalizer stands twice; it is a set",
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, deletionTimestamp: x}\nspec: {}\n",
            (
                "a.yaml:3:21: error: Model/m: metadata.deletionTimestamp: written by the system; "
                'remove it, or take the manifest from "routerctl export"'
            ),
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, labels: {a: 7}}\nspec: {}\n",
            "a.yaml:3:30: error: Model/m: metadata.labels.a: expected text; put quotes around it",
        ),
        (
            HEAD + "kind: Model\nmetadata: {name: m, uid: abc}\nspec: {}\n",
            (
                "a.yaml:3:21: error: Model/m: metadata.uid: written by the system; "
                'remove it, or take the manifest from "routerctl export"'
            ),
        ),
        (
            MODEL + "spec: {}\nstatus: {conditions: []}\n",
            (
                "a.yaml:5:1: error: Model/m: status: status is written by the system; "
                'remove it, or take the manifest from "routerctl export"'
            ),
        ),
        (
            "kind: Model\nmetadata: {name: m}\nspec: {}\n",
            "a.yaml:1:1: error: Model/m: apiVersion: missing; write apiVersion: routerctl.dev/v1",
        ),
        (
            "apiVersion: v1\nkind: Model\nmetadata: {name: m}\nspec: {}\n",
            "a.yaml:1:1: error: Model/m: apiVersion: unknown version; write apiVersion: routerctl.dev/v1",
        ),
        (
            HEAD + "metadata: {name: m}\nspec: {}\n",
            "a.yaml:1:1: error: kind: missing; write one of Secret, Provider, Model, Binding, Route, Settings, ClientKey",
        ),
        (
            HEAD + "kind: Providr\nmetadata: {name: m}\n",
            'a.yaml:2:1: error: kind: unknown kind "Providr"; did you mean "Provider"?',
        ),
        (
            HEAD + "kind: Deployment\nmetadata: {name: m}\n",
            (
                'a.yaml:2:1: error: kind: unknown kind "Deployment"; '
                "known kinds: Secret, Provider, Model, Binding, Route, Settings, ClientKey"
            ),
        ),
        (
            HEAD + "kind: [Model]\nmetadata: {name: m}\n",
            "a.yaml:2:1: error: kind: unknown kind; known kinds: Secret, Provider, Model, Binding, Route, Settings, ClientKey",
        ),
    ],
)
def test_what_a_bad_manifest_is_told(text: str, line: str) -> None:
    reading = read_text(text, "a.yaml")
    assert reading.problems == ()
    assert [str(problem) for problem in decode(reading.documents).problems] == [line]
