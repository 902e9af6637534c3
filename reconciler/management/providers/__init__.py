"""/v1/providers: Providers, what they are configured with, and the Models that they serve, in the seeds' shapes.

routes      all of them
shapes      a Provider as it is shown, and what may be sent
looking_up  list, get
editing     make, replace, delete; enable, disable
config      a Provider's config, key by key; `defaultModel` stands for its default Binding (`defaults`)
served      the Models of a Provider: its Bindings
upstreams   test, reload, reset
"""
