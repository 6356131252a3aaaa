"""One command, one file: what grid workers can say in a group."""
