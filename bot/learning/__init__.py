"""Rules from labelled texts: how good are they (`flask evaluate`), and which new ones would help (`flask learn`)."""
