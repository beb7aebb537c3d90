"""Tools of every chapter: certified arithmetic, symbolic residuals, distances whose properties are proved, attacks."""
