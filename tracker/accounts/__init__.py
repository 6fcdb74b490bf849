"""The accounts of the desk: a password and a second factor, sessions that end, and a trail of what happened."""
