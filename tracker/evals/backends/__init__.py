"""The engines: what turns weights into an OpenAI-compatible server, a file each, and what finds the weights."""
