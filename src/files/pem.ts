/**
 * Certificates and keys in PEM form, checked as a whole before they are used: a file may be found while it is written.
 * What a library says of them is left out of messages: it may quote what it read.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";

const end = "-----END CERTIFICATE-----";

/** `which` names the file in what is thrown: "it", "the first". */
export function certificatesIn(
  text: string,
  which: string,
): readonly [X509Certificate, ...(readonly X509Certificate[])] {
  const blocks = text.split(end);
  const rest = blocks.pop() ?? "";
  const complaint = `${which} holds no certificate in PEM form`;
  const [first, ...others] = blocks.map((block) =>
    attempt(complaint, () => new X509Certificate(`${block}${end}`)),
  );
  if (!first) throw new Error(complaint);
  if (rest.includes("-----BEGIN CERTIFICATE")) throw new Error(`${which} ends within a certificate`);
  return [first, ...others];
}

/** The certificate of the pair, which others may follow in its file. Fails where the key is another one's. */
export function certificateOfPair(cert: string, key: string): X509Certificate {
  const [certificate] = certificatesIn(cert, "the first");
  const privateKey = attempt("the second holds no private key in PEM form", () => createPrivateKey(key));
  // Compared by ourselves: not every runtime does when it loads the two.
  const form = { format: "der", type: "spki" } as const;
  if (!certificate.publicKey.export(form).equals(createPublicKey(privateKey).export(form))) {
    throw new Error("the key does not belong to the certificate");
  }
  return certificate;
}

function attempt<T>(complaint: string, make: () => T): T {
  try {
    return make();
  } catch {
    throw new Error(complaint);
  }
}
