"""Building again and again, unattended: schedules, watching, and who is told of it."""
