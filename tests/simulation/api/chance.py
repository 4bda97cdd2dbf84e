"""The chance by which the simulated API and its network do what they do."""

from tests.simulation.world import World


class Chance:
    """One stream of chance for all that befalls requests; *random* is that stream."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.random = world.random("api")

    def happens(self, chance: float, what: str, detail: object = "") -> bool:
        """Throw the dice for one fault, and record it when it comes."""
        if self.random.random() >= chance:
            return False
        self._world.fault(what, detail)
        return True

    def travel(self, least: float, most: float) -> float:
        """Return how long a way takes, in seconds."""
        return self.random.uniform(least, most)
