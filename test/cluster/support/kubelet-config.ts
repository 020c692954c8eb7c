/**
 * What a kubelet is told. JSON, which is YAML too.
 */
import type { CertificateFiles } from "./certificates.ts";
import type { NodePlan } from "./node.ts";

export interface KubeletConfigOptions {
  readonly plan: NodePlan;
  /** Path of the certificate of the CA. */
  readonly ca: string;
  readonly certificate: CertificateFiles;
  readonly cgroup: string;
}

export function kubeletConfig({ plan, ca, certificate, cgroup }: KubeletConfigOptions): string {
  const { directory, ports } = plan;
  const config = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "127.0.0.1",
    port: ports.kubelet,
    healthzPort: ports.health,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: ca } },
    authorization: { mode: "Webhook" },
    tlsCertFile: certificate.certificate,
    tlsPrivateKeyFile: certificate.key,
    containerRuntimeEndpoint: `unix://${directory}/c.sock`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`, // two kubelets in one tree would remove each other's pods
    failSwapOn: false,
    failCgroupV1: false,
    podLogsDir: `${directory}/logs`,
    volumePluginDir: `${directory}/kubelet/plugins`,
    makeIPTablesUtilChains: false,
    // No image goes and no pod is evicted because the disk of whoever runs the tests is nearly full.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    registryPullQPS: 0,
    serializeImagePulls: true, // the default, and what makes a hung pull a nuisance
    nodeStatusUpdateFrequency: "2s", // what it lists is up to 30 s old all the same
  };
  return JSON.stringify(config, undefined, 2);
}
