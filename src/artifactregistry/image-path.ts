/**
 * Where an image is in Artifact Registry: as its API names the repository, and as references do.
 */

export interface GoogleImage {
  /** `us-central1`. */
  readonly location: string;
  /** `my-project`, or `example.com:my-project` for a project of a domain. */
  readonly projectId: string;
  readonly repository: string;
  /** Name of the image in the repository; may have slashes. */
  readonly image: string;
}

/** What a reference begins with: `us-central1-docker.pkg.dev`, and the path below it. */
export function referencePath({ location, projectId, repository, image }: GoogleImage): {
  readonly registry: string;
  readonly repository: string;
} {
  // References have no colon in a path, so the domain of a project is a component of its own.
  const project = projectId.replace(":", "/");
  return { registry: `${location}-docker.pkg.dev`, repository: `${project}/${repository}/${image}` };
}

/** What the API lists: the repository, with all images in it. */
export function parentOf({ location, projectId, repository }: GoogleImage): string {
  return `projects/${projectId}/locations/${location}/repositories/${repository}`;
}
