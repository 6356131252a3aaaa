"""Announcing 公告起草: what may be said, what an announcement will do before it leaves, and how far it has come."""
