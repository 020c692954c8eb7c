/**
 * How the programs of a control plane are started. All listen on loopback only.
 */
import { join } from "node:path";
import { listens } from "../../e2e/support/ports.ts";
import { api } from "./api.ts";
import type { ControlPlanePlan } from "./control-plane.ts";
import { type Part, part } from "./part.ts";
import { programs } from "./programs.ts";

type Plan = Omit<ControlPlanePlan, "prepuller">;

export function etcdPart({ directory, ports }: Plan): Part {
  const clients = `http://127.0.0.1:${ports.etcd}`;
  const peers = `http://127.0.0.1:${ports.etcdPeers}`;
  return part({
    directory,
    name: "etcd",
    command: programs.etcd,
    args: [
      ...["--data-dir", join(directory, "etcd")],
      ...["--listen-client-urls", clients, "--advertise-client-urls", clients],
      ...["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers],
      ...["--initial-cluster", `default=${peers}`],
      ...["--quota-backend-bytes", String(4 << 30), "--logger", "zap", "--log-level", "warn"],
      "--unsafe-no-fsync", // what is kept here need not survive a power failure
    ],
    isReady: () => listens(ports.etcd),
  });
}

export function apiServerPart({ directory, ports, options, ca, admin }: Plan): Part {
  const pki = (name: string) => join(directory, "pki", name);
  const asAdmin = api({ url: `https://127.0.0.1:${ports.apiServer}`, ca, client: admin });
  return part({
    directory,
    name: "kube-apiserver",
    command: programs.apiServer,
    args: [
      ...["--etcd-servers", `http://127.0.0.1:${ports.etcd}`],
      ...["--bind-address", "127.0.0.1", "--secure-port", String(ports.apiServer)],
      ...["--endpoint-reconciler-type", "none"], // it would refuse to publish a loopback address
      ...["--service-cluster-ip-range", "10.96.0.0/16", "--allow-privileged"],
      ...["--authorization-mode", "Node,RBAC", "--enable-admission-plugins", "NodeRestriction"],
      ...["--cert-dir", directory, "--client-ca-file", ca],
      ...["--tls-cert-file", pki("apiserver.crt"), "--tls-private-key-file", pki("apiserver.key")],
      ...["--service-account-issuer", "https://kubernetes.default.svc"],
      ...["--service-account-key-file", pki("service-accounts.crt")],
      ...["--service-account-signing-key-file", pki("service-accounts.key")],
      ...(options.apiServerArgs ?? []),
    ],
    isReady: async () => (await asAdmin.ask("GET", "/readyz")).status === 200,
    seconds: 60,
  });
}

export function controllerManagerPart({ directory, ports, options, ca }: Plan): Part {
  const port = ports.controllerManager;
  return part({
    directory,
    name: "kube-controller-manager",
    command: programs.controllerManager,
    args: [
      ...["--kubeconfig", join(directory, "controller-manager.kubeconfig"), "--leader-elect=false"],
      ...["--bind-address", "127.0.0.1", "--secure-port", String(port), "--cert-dir", directory],

      ...["--service-account-private-key-file", join(directory, "pki", "service-accounts.key")],
      ...["--root-ca-file", ca],
      ...["--node-monitor-grace-period", "20s"], // the default, 50 s, is long for a test
      ...["--flex-volume-plugin-dir", join(directory, "flex")], // else a directory of the whole machine
      ...(options.controllerArgs ?? []),
    ],
    isReady: () => listens(port),
  });
}
