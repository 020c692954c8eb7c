/**
 * Addresses that a registry may not send us to: this machine, its links, and the metadata services of clouds.
 *
 * Private networks are not among them: that is where registries of companies and their stores are.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

const blocked = new BlockList();
// "This host", loopback, link-local (with the usual metadata address), multicast, reserved and broadcast.
blocked.addSubnet("0.0.0.0", 8, "ipv4");
blocked.addSubnet("127.0.0.0", 8, "ipv4");
blocked.addSubnet("169.254.0.0", 16, "ipv4");
blocked.addSubnet("224.0.0.0", 4, "ipv4");
blocked.addSubnet("240.0.0.0", 4, "ipv4");
blocked.addAddress("::", "ipv6");
blocked.addAddress("::1", "ipv6");
blocked.addSubnet("fe80::", 10, "ipv6");
blocked.addSubnet("ff00::", 8, "ipv6");
// Metadata services of Alibaba Cloud, Azure, Oracle Cloud, and of AWS on IPv6.
blocked.addAddress("100.100.100.200", "ipv4");
blocked.addAddress("168.63.129.16", "ipv4");
blocked.addAddress("192.0.0.192", "ipv4");
blocked.addAddress("fd00:ec2::254", "ipv6");

/** Whether an IP address is one of those. IPv4 addresses written as IPv6 ones count as what they are. */
export function isBlockedAddress(address: string): boolean {
  const [bare = ""] = address.replace(/^\[(.*)\]$/, "$1").split("%");
  if (isIPv4(bare)) return blocked.check(bare, "ipv4");
  if (!isIPv6(bare)) return false;
  const ipv4 = embeddedIpv4(bare);
  return blocked.check(bare, "ipv6") || (ipv4 !== undefined && blocked.check(ipv4, "ipv4"));
}

/** The IPv4 address in an IPv4-mapped one (`::ffff:0:0/96`) or one of NAT64 (`64:ff9b::/96`). */
function embeddedIpv4(address: string): string | undefined {
  // Parsing writes every spelling of an address in one way.
  const { hostname } = new URL(`http://[${address}]/`);
  const match = /^\[(?:::ffff|64:ff9b:):(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})\]$/.exec(hostname);
  if (match === null) return undefined;
  const number = Number.parseInt(match[1] ?? "0", 16) * 0x10000 + Number.parseInt(match[2] ?? "0", 16);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join(".");
}
