/**
 * The pod for an image: as small as it can be, to show where the reference goes.
 */
import type { Image } from "image-source/client";

export function podFor(user: string, { reference, displayName }: Image) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `lab-${user}`, annotations: { "example.org/image": displayName } },
    spec: {
      containers: [
        {
          name: "lab",
          image: reference, // unchanged: with its digest it is the image that was chosen, whatever the tag does
          imagePullPolicy: "IfNotPresent", // what was prepulled is not pulled again
        },
      ],
    },
  };
}
