"""The outside world on loopback: a WeChat and a WeCom that speak the real protocol. Imports nothing of ours."""
