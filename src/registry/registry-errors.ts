/**
 * What a registry says about a failure: the error codes of the distribution specification and its text, whatever
 * form they come in.
 */
import { parseJson, property } from "./json.ts";

export interface RegistryErrors {
  /** `NAME_UNKNOWN` and so on, in upper case; empty where the answer names none. */
  readonly codes: readonly string[];
  /** For people, on one line, cut to a readable length; may be empty. */
  readonly text: string;
}

const maxText = 300;

export function registryErrors(body: Buffer): RegistryErrors {
  const answer = parseJson(body);
  const list = property(answer, "errors");
  const errors = Array.isArray(list) ? list.slice(0, 5) : [answer];
  const codes = errors
    .map((error) => text(property(error, "code")).toUpperCase())
    .filter((code) => code !== "");
  const texts = errors.map(sentence).filter((part) => part !== "");
  return { codes, text: line(texts.length > 0 ? texts.join("; ") : plain(body, answer)) };
}

function sentence(error: unknown): string {
  const code = text(property(error, "code"));
  // Token servers and object stores have forms of their own.
  const said = ["message", "details", "error_description", "error"].map((name) =>
    text(property(error, name)),
  );
  return [code, said.find((part) => part !== "") ?? ""].filter((part) => part !== "").join(": ");
}

/** A body that is no JSON object: plain text, or a page of HTML, whose title says as much as the rest. */
function plain(body: Buffer, answer: unknown): string {
  if (typeof answer === "object" && answer !== null) return "";
  const said = body.toString("utf8");
  return /<title>([^<]*)<\/title>/i.exec(said)?.[1] ?? said.replaceAll(/<[^<>]*>/g, " ");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function line(said: string): string {
  const flat = said.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  return flat.length > maxText ? `${flat.slice(0, maxText)}…` : flat;
}
