/**
 * Certificates for tests, made on the spot: a CA, and certificates that it signed. As little X.509 as TLS takes.
 */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Certificate {
  /** In PEM form. */
  readonly cert: string;
  readonly key: string;
}

/** From when until when, as X.509 writes it. */
export type Validity = readonly [from: string, to: string];
const always: Validity = ["20200101000000Z", "21200101000000Z"];
export const expired: Validity = ["20200101000000Z", "20210101000000Z"];

export interface Authority extends Certificate {
  /** A certificate for 127.0.0.1, for a server or a client. */
  issue(name: string, validity?: Validity): Certificate;
}

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const time = (text: string) => der(0x18, Buffer.from(text));
const octets = (content: Buffer) => der(0x04, content);

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = (name: string) =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))));
const critical = der(0x01, Buffer.from([0xff]));
const caExtension = sequence(oid(0x55, 0x1d, 0x13), critical, octets(sequence(critical)));
const addressExtension = sequence(
  oid(0x55, 0x1d, 0x11),
  octets(sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from("localhost")))),
);

let serial = 0;

function certificate(
  subject: string,
  issuer: string,
  key: KeyObject,
  signer: KeyObject,
  extension: Buffer,
  [from, to]: Validity = always,
): string {
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(from), time(to)),
    commonName(subject),
    key.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, signer));
  const lines =
    sequence(body, ecdsaWithSha256, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: KeyObject) => key.export({ format: "pem", type: "pkcs8" }).toString();

export function authority(name: string): Authority {
  const own = keyPair();
  return {
    cert: certificate(name, name, own.publicKey, own.privateKey, caExtension),
    key: pem(own.privateKey),
    issue(subject, validity) {
      const keys = keyPair();
      const cert = certificate(subject, name, keys.publicKey, own.privateKey, addressExtension, validity);
      return { cert, key: pem(keys.privateKey) };
    },
  };
}
