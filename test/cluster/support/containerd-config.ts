/**
 * What containerd and its network plugin are told.
 *
 * Of registries nothing: containerd takes whatever is on 127.0.0.1 for one that speaks plain HTTP.
 */

export function containerdConfig(directory: string, pauseImage: string): string {
  const unused = [
    ...["snapshotter.v1.btrfs", "snapshotter.v1.zfs", "snapshotter.v1.devmapper", "snapshotter.v1.aufs"],
    ...["internal.v1.opt", "internal.v1.tracing"],
  ].map((plugin) => `io.containerd.${plugin}`);
  return `version = 2
root = "${directory}/containerd"
state = "${directory}/run"
disabled_plugins = ${JSON.stringify(unused)}
[grpc]
  address = "${directory}/c.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Where root lacks CAP_SYS_RESOURCE no score can be lowered, and every sandbox would fail in runc with "can't get final
  # child's PID from pipe: EOF", which tells nothing of the cause.
  restrict_oom_score_adj = true
  # Else network namespaces stay mounted below /run when all is over.
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  cni = { bin_dir = "/usr/lib/cni", conf_dir = "${directory}/cni" }
  containerd = { runtimes = { runc = { runtime_type = "io.containerd.runc.v2", options = { SystemdCgroup = false } } } }
`;
}

/**
 * `ptp` is a cable from each pod to the machine: no bridge, no firewall rules. The addresses are those of a port, which
 * nobody else on this machine has, so neither has anybody else the addresses.
 */
export function networkConfig(directory: string, name: string, port: number): string {
  const subnet = `10.${port >> 8}.${port & 255}.0/24`;
  const ipam = { type: "host-local", dataDir: `${directory}/cni-state`, ranges: [[{ subnet }]] };
  return JSON.stringify({ cniVersion: "0.4.0", name, plugins: [{ type: "ptp", mtu: 1400, ipam }] });
}
