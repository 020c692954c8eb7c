"""A person at the spawn page of a hub, in a terminal: the real KubeSpawner with the
example's configuration, a hub that is made up, and no Kubernetes.

Shows the choices of the form that KubeSpawner renders, takes a tag, and prints the
pod that it would start; as JupyterHub does, it shows the form anew with the message
where a spawn fails. What is shown goes to stderr; stdout has the pod alone.
"""

import asyncio
import json
import logging
import sys
from html.parser import HTMLParser

from jupyterhub.utils import maybe_future
from kubespawner import KubeSpawner
from traitlets.config import PyFileConfigLoader

logging.basicConfig(stream=sys.stderr, format="%(message)s")


class Choices(HTMLParser):
    """The options of a form: what is sent back, and what is shown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: dict[str, str] = {}
        self._value = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._value = dict(attributes).get("value") if tag == "option" else None

    def handle_data(self, data):
        if self._value:
            self.shown[self._value] = data
            self._value = None


def tag_of(reference: str) -> str:
    return reference.split("@")[0].rsplit(":", 1)[1]


def ask(choices: dict[str, str]) -> str | None:
    """What the form sends back for the tag that is typed. None for an empty line."""
    references = {tag_of(reference): reference for reference in choices}
    for tag, reference in references.items():
        print(f"  {tag}: {choices[reference]}", file=sys.stderr)
    while True:
        print("Which tag?", file=sys.stderr)
        line = sys.stdin.readline()
        if not line:
            raise EOFError("nothing was chosen")
        if not line.strip():
            return None
        if line.strip() in references:
            return references[line.strip()]
        print(f"The menu has no {line.strip()}.", file=sys.stderr)


async def spawn(spawner: KubeSpawner, choice: str | None):
    """As `KubeSpawner.start`, up to the call of Kubernetes.

    Without a choice it is a start by the hub's API, which sends no form.
    """
    form = {"profile": ["lab"], "profile-option-lab--image": [choice]}
    options = await maybe_future(spawner.run_options_from_form(form))
    spawner.user_options = options if choice else {}
    await spawner.load_user_options()
    pod = await spawner.get_pod_manifest()
    return await maybe_future(spawner.modify_pod_hook(spawner, pod))


async def spawn_page(spawner: KubeSpawner):
    """Until a spawn succeeds, or fails with what is no message for a person."""
    while True:
        form = Choices(await spawner.get_options_form())
        choice = ask(form.shown)
        spawner._spawn_pending = True  # what JupyterHub sets around a spawn
        try:
            return await spawn(spawner, choice)
        except Exception as error:
            if not hasattr(error, "jupyterhub_message"):
                raise
            print(error.jupyterhub_message, file=sys.stderr)
        finally:
            spawner._spawn_pending = False


async def main(file: str) -> int:
    config = PyFileConfigLoader(file).load_config()
    spawner = KubeSpawner(config=config, _mock=True)
    kubernetes = spawner.api.api_client
    try:
        pod = await spawn_page(spawner)
        print(json.dumps(kubernetes.sanitize_for_serialization(pod), indent=2))
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it
        print(getattr(error, "jupyterhub_message", repr(error)), file=sys.stderr)
        return 1
    finally:
        await kubernetes.close()


sys.exit(asyncio.run(main(sys.argv[1])))
