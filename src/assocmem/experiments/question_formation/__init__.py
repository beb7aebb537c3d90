"""Where the loss of a language model settles on lines of known entropy."""
