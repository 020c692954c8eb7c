/**
 * Connections to hosts that a registry has named (redirects, its known token endpoint). The address is checked when
 * it is connected to, because a harmless name may resolve to any address.
 */
import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { isBlockedAddress } from "./addresses.ts";

/** An address that is not connected to. */
export class BlockedAddress extends Error {
  override readonly name = "BlockedAddress";
  constructor(host: string) {
    super(`${host} is this machine or a metadata service`);
  }
}

/** Connects as undici does, but to no blocked address. */
export function guardedConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guardedLookup });
  return (target, callback) => {
    // No lookup is made for an address that is written as one.
    if (isBlockedAddress(target.hostname)) callback(new BlockedAddress(target.hostname), null);
    else connect(target, callback);
  };
}

/** Resolves a name, all of whose addresses have to be allowed, for the connection that is made next. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(hostname, all, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || first === undefined) callback(error ?? new Error(`${hostname} has no address`), "", 0);
    else if (addresses.some(({ address }) => isBlockedAddress(address)))
      callback(new BlockedAddress(hostname), "", 0);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
