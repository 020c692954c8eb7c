/**
 * The pod that pulls one image onto one node, as JSON for the API: pure. The image is named by its digest and its
 * command ends at once, so that nothing is left of it but the image.
 */
import type { Toleration } from "../domain/cluster-node.ts";
import type { Owner, PullRequest } from "./cluster.ts";
import { annotationNames, pullLabels } from "./pod-marks.ts";

export interface PodOptions {
  readonly tolerations: readonly Toleration[];
  /** Milliseconds. */
  readonly pullTimeout: number;
  readonly pod: {
    readonly command: readonly string[];
    readonly pullSecret: string | undefined;
    readonly priorityClassName: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly resources: {
      readonly requests: Readonly<Record<string, string>>;
      readonly limits: Readonly<Record<string, string>>;
    };
  };
}

// Without a number, an image whose user is root could not be started as somebody else (testing 8).
const nobody = 65_534;

export function podManifest(name: string, pull: PullRequest, owner: Owner, options: PodOptions): object {
  const { digest, reference, node } = pull;
  const { command, pullSecret, priorityClassName, labels, annotations, resources } = options.pod;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      // What is ours comes last: nobody's may take its place.
      labels: { ...labels, ...pullLabels(owner.name, digest, node.name) },
      annotations: {
        // Else it would keep an autoscaler from removing the node.
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
        ...annotations,
        [annotationNames.reference]: reference,
        [annotationNames.node]: node.name,
        [annotationNames.nodeUid]: node.uid,
      },
      ownerReferences: [{ apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...owner }],
    },
    spec: {
      nodeName: node.name,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: Math.max(1, Math.round(options.pullTimeout / 1_000)),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: nobody,
        runAsGroup: nobody,
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...(pullSecret !== undefined && { imagePullSecrets: [{ name: pullSecret }] }),
      ...(priorityClassName !== undefined && { priorityClassName }),
      tolerations: options.tolerations.map(tolerationOf),
      containers: [
        {
          name: "pull",
          image: `${repositoryOf(reference)}@${digest}`,
          imagePullPolicy: "IfNotPresent",
          command,
          resources,
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

/** `registry:5000/repository` of `registry:5000/repository:tag@digest`. */
function repositoryOf(reference: string): string {
  const [name = ""] = reference.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

function tolerationOf({ key, operator, value, effect, tolerationSeconds }: Toleration): object {
  return {
    ...(key !== undefined && { key }),
    operator,
    ...(value !== "" && { value }),
    ...(effect !== undefined && { effect }),
    ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  };
}
