/**
 * Names and quantities as Kubernetes' API takes them, so that a wrong one is told at the start and not by every pod
 * that is refused.
 */
import { isDnsSubdomain } from "../domain/dns-name.ts";

const name = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** The key of a label, an annotation or a taint: `app`, `example.org/app`. */
export function isQualifiedName(text: string): boolean {
  const [last = "", prefix, ...more] = text.split("/").reverse();
  return more.length === 0 && name.test(last) && (prefix === undefined || isDnsSubdomain(prefix));
}

/** The value of a label, which may be empty. */
export function isLabelValue(text: string): boolean {
  return text === "" || name.test(text);
}

const ofContainers = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** What a container can ask for: `memory`, `example.org/gpu`. */
export function isResourceName(text: string): boolean {
  return isQualifiedName(text) && (text.includes("/") || ofContainers.test(text));
}

const units: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

const quantity = /^(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?\d{1,3}))$/;

/** What a quantity like `100m`, `16Mi`, `0.5` or `1e3` is worth, to compare by; undefined where it is none. */
export function quantityOf(text: string): number | undefined {
  const [, amount, unit = "", exponent = "0"] = quantity.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (units[unit] ?? 1) * 10 ** Number(exponent);
}
