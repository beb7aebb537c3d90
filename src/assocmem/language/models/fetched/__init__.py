"""Two real language models that the package index serves as wheels, for where the hub cannot be reached."""
