"""image-source as the menu of a JupyterHub with KubeSpawner.

The form of the spawn page shows the menu; what was chosen is resolved when the
pod is made. A choice that has moved or gone fails the spawn with a sentence, and
the hub then shows the form anew, with the menu of now.
"""

from html import escape

from image_source_client import ImageSource, ImageSourceError

PROFILE = "lab"
OPTION = "image"

SENTENCES = {
    "DIGEST_MISMATCH": "This tag has moved since the menu was made. Choose again.",
    "UNKNOWN_IMAGE": "This image is not there any more. Choose another one.",
    "NOT_READY": "The list of images is being read. Try again in a minute.",
    "": "The list of images cannot be reached. Try again in a minute.",
}


class NoImage(Exception):
    """Why there is no image for a person; `jupyterhub_message` is what they see."""

    def __init__(self, error: ImageSourceError) -> None:
        super().__init__(str(error))
        self.jupyterhub_message = SENTENCES.get(error.reason, str(error))


def configure(c, source: ImageSource) -> None:
    """Sets the hooks in the configuration of a hub.

    They are functions and no methods: every spawner copies its configuration,
    and with a method its object.
    """

    async def profile_list(spawner) -> list[dict]:
        try:
            menu = await source.menu()
        except ImageSourceError as error:
            raise NoImage(error) from error
        choices = {
            image.reference: {
                "display_name": escape(image.name),
                "default": image.recommended,
                "kubespawner_override": {"image": image.reference},
            }
            for image in menu
        }
        # A spawn evaluates this again, when the menu may be another one. Its
        # choice stays possible: `resolve` finds out what has become of it.
        chosen = spawner.user_options.get(OPTION)
        if spawner.pending == "spawn" and chosen and chosen not in choices:
            override = {"image": chosen}
            choices[chosen] = {"display_name": chosen, "kubespawner_override": override}
        option = {"display_name": "Image", "choices": choices}
        return [
            {
                "slug": PROFILE,
                "display_name": "Lab",
                "profile_options": {OPTION: option},
            }
        ]

    async def resolve(spawner, pod):
        try:
            image = await source.resolve(spawner.image)
        except ImageSourceError as error:
            raise NoImage(error) from error
        lab = next(each for each in pod.spec.containers if each.name == "notebook")
        lab.image = spawner.image = image.reference
        for variable in lab.env:
            if variable.name in ("JUPYTER_IMAGE", "JUPYTER_IMAGE_SPEC"):
                variable.value = image.reference
        return pod

    c.KubeSpawner.profile_list = profile_list
    c.KubeSpawner.modify_pod_hook = resolve
