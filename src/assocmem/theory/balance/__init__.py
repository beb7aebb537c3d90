"""Chapter 7: what Z = 1 asks of model size and data size; parameter counts; Table 3."""
