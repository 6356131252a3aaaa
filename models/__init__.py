"""What is true: tables and the rules that bind them. Imports nothing of ours."""
