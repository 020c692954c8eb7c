"""A hub whose menu comes from image-source. What a hub needs besides is left out."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from image_source_client import ImageSource
from image_source_hub import configure

c = get_config()  # noqa: F821

c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
# What was prepulled is not pulled again.
c.KubeSpawner.image_pull_policy = "IfNotPresent"

source = ImageSource(
    address=os.environ.get("IMAGE_SOURCE_ADDRESS", "127.0.0.1:50051"),
    patience=float(os.environ.get("IMAGE_SOURCE_PATIENCE", "60")),
)
configure(c, source)
