"""The channel ladder 触达阶梯: by which way each recipient of an announcement is reached, and what came of it."""
