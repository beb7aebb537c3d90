"""The checks that decide the claims of ``question_formation/question_formation.yaml``, one module a topic."""
