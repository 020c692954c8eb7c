/**
 * The way to the service, as a prepuller's configuration writes it.
 */
import * as v from "valibot";
import { isHost } from "../domain/host.ts";
import type { ServiceAccessConfig } from "./prepuller-config.ts";
import * as value from "./values.ts";

const url = value.text("an http or https URL of host and port, like https://image-source:50051", (text) => {
  const [, host = "", port = ""] = /^https?:\/\/([^/?#@]+:(\d{1,5}))\/?$/.exec(text) ?? [];
  return isHost(host) && Number(port) > 0;
});

/** Both parts of a client certificate, or none; and nothing of TLS where there is none. */
export const service = v.pipe(
  value.keys({
    url: v.optional(url, "http://127.0.0.1:50051"),
    tokenFile: v.optional(value.file),
    caFile: v.optional(value.file),
    certificateFile: v.optional(value.file),
    keyFile: v.optional(value.file),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { url: where, caFile, certificateFile, keyFile } = dataset.value;
    const ofTls = Object.entries({ caFile, certificateFile, keyFile }).filter(
      ([, file]) => file !== undefined,
    );
    if (where.startsWith("http:"))
      for (const [key] of ofTls) addIssue({ message: `has to have no ${key} where url is http` });
    if ((certificateFile === undefined) !== (keyFile === undefined))
      addIssue({ message: "has to have both of certificateFile and keyFile, or none" });
  }),
);

/** `atPath` makes a path absolute. */
export function accessOf(
  { url: where, tokenFile, caFile, certificateFile, keyFile }: v.InferOutput<typeof service>,
  atPath: (path: string | undefined) => string | undefined,
): ServiceAccessConfig {
  const [certificate, key] = [atPath(certificateFile), atPath(keyFile)];
  return {
    url: where.replace(/\/$/, ""),
    tokenFile: atPath(tokenFile),
    caFile: atPath(caFile),
    clientCertificate:
      certificate !== undefined && key !== undefined
        ? { certificateFile: certificate, keyFile: key }
        : undefined,
  };
}
