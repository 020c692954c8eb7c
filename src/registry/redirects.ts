/**
 * Redirects of a registry, followed by hand: what the request carries is for the registry's own host only.
 */
import { DomainError } from "../domain/errors.ts";
import { type Answer, describeExchange, type Exchange } from "./exchange.ts";
import { header } from "./headers.ts";

const maxRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request, and where the answer is a redirect sends it there. `Authorization` does not go to another origin,
 * nor come back from there. `send` is told whether it is asked for another origin than the first one.
 */
export async function followRedirects(
  first: Exchange,
  send: (exchange: Exchange, foreign: boolean) => Promise<Answer>,
): Promise<Answer> {
  let exchange = first;
  let foreign = false;
  for (let followed = 0; ; followed += 1) {
    const answer = await send(exchange, foreign);
    const location = redirects.has(answer.status) ? header(answer.headers, "location") : undefined;
    if (location === undefined) return answer;
    if (followed === maxRedirects) throw refused(first, `there are more than ${maxRedirects} redirects`);
    const url = target(exchange, location);
    const { authorization, ...others } = exchange.headers;
    foreign ||= url.origin !== exchange.origin;
    const headers = foreign || authorization === undefined ? others : { ...others, authorization };
    exchange = { ...exchange, origin: url.origin, path: `${url.pathname}${url.search}`, headers };
  }
}

function target(exchange: Exchange, location: string): URL {
  const base = `${exchange.origin}${exchange.path}`;
  if (!URL.canParse(location, base)) throw refused(exchange, "it goes to no URL");
  const url = new URL(location, base);
  if (url.protocol !== "https:" && url.protocol !== new URL(base).protocol) {
    throw refused(exchange, `it leaves https for ${url.host}`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused(exchange, "it leaves http");
  if (url.username !== "" || url.password !== "") throw refused(exchange, "it holds a user name");
  return url;
}

function refused(exchange: Exchange, because: string): DomainError {
  return new DomainError(
    "registry_corrupt",
    `the redirect of ${describeExchange(exchange)} is not followed: ${because}`,
  );
}
