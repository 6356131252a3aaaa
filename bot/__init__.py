"""How Yunge listens and speaks: doors in and out, understanding, dialogue."""
