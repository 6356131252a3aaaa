"""One service, one file: what residents can ask for."""
