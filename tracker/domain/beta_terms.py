"""What is fixed in the second index: its name, its priors, its bounds. Apart from its mathematics, so that whoever
states them does not bring half of SciPy along."""

import math
from typing import Final

METHOD: Final = "beta-laplace-1"
CLIP: Final = 1e-3  # what is reported as 0 or 1, or nearer to it than this, is put here
DRAWS: Final = 500
NOISE_DRAWS: Final = 25  # values of the noise under which the rest is drawn

# Priors, as (centre, spread) of a logarithm; abilities and the scaled difficulties are standard normal, the scaled
# slopes half-normal.
NOISE: Final = (math.log(0.05), 0.5)
DIFFICULTY_SCALE: Final = (math.log(3.0), 1.0)
SLOPE_SCALE: Final = (math.log(0.5), 0.5)
# The sampling error of ten thousand items at even odds; at 0.5 all scores are 0 or 1.
NOISE_BOUNDS: Final = (0.005, 0.45)
