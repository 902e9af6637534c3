"""`python -m reconciler` is `routerctl`."""

from reconciler.cli.main import main

if __name__ == "__main__":
    main()
