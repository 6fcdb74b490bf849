"""Why a model could not be run, each in words for the person who asked for it."""


class Trouble(Exception):  # noqa: N818  read as "trouble with the model", never caught as a programming error
    """Nothing that another attempt would mend, unless somebody changes something first."""


class MissingModel(Trouble):
    """There is no such file, folder, package or repository."""


class GatedModel(Trouble):
    """The repository wants its terms accepted first, by somebody with an account."""


class RefusedWeights(Trouble):
    """Weights in a form that could run code, or a configuration that names code: refused before any import."""


class BrokenWeights(Trouble):
    """A file that is not what its header says."""


class NoEngine(Trouble):
    """No engine on this machine can run the model."""


class NoIsolation(Trouble):
    """The machine cannot lock the model in, and running it unlocked was not allowed."""


class EngineLost(Exception):  # noqa: N818
    """The engine went away in the middle of its work; what it answered before is whole."""


class NoRoom(EngineLost):
    """It ran out of memory: fewer questions at once may fit."""
