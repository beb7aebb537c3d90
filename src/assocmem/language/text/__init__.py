"""Text as training data: corpora, tokenizers, token files, rows."""
