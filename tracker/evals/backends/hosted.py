"""An OpenAI-compatible endpoint of somebody else: nothing is loaded, and what it runs is not for us to know."""

import httpx

from tracker.domain.evaluation import Weights
from tracker.evals.backends.base import Description, Endpoint, Engine
from tracker.evals.troubles import EngineLost, GatedModel, MissingModel

SECONDS = 20.0


class Hosted(Engine):
    """Reached with the key that the plan carries."""

    slug = "hosted"
    likely = 20  # more is refused by most
    retries = 4

    @staticmethod
    def can_run(weights: Weights | None, device: str) -> str:
        return "" if weights is None else "a hosted endpoint loads no weights"

    def start(self) -> Endpoint:
        return Endpoint(self.plan.model, self.plan.name, self.plan.key or "none")

    def launch(self) -> None:
        """Nothing is started, so all that can be wrong is seen at once."""
        endpoint = self.start()
        try:
            reply = httpx.get(
                f"{endpoint.url}/models", headers={"Authorization": f"Bearer {endpoint.key}"}, timeout=SECONDS
            )
        except httpx.InvalidURL as error:
            raise MissingModel(f"{endpoint.url} is no address: {error}") from None
        except httpx.TransportError as error:
            raise EngineLost(f"{endpoint.url} does not answer: {error}") from None
        if reply.status_code in (401, 403):
            raise GatedModel(f"{endpoint.url} refuses the key that it was shown ({reply.status_code})")
        # Who lists models and not this one would refuse every question. Who lists none may still have it.
        if reply.status_code == 200 and (listed := _listed(reply)) and endpoint.model not in listed:
            raise MissingModel(f"{endpoint.url} has no model {endpoint.model}; it has {', '.join(sorted(listed)[:20])}")

    def describe(self) -> Description:
        return Description(version="", device="", dtype="", arguments={"url": self.plan.model, "model": self.plan.name})


def _listed(reply: httpx.Response) -> set[str]:
    try:
        said = reply.json()
        return {str(one["id"]) for one in said["data"]}
    except (ValueError, KeyError, TypeError):
        return set()
