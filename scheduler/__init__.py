"""What happens by the clock: delivery on every machine, the timetable on the one that leads."""
