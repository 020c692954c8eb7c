/**
 * A process of its own that is a registry of many tags, so that what it costs is not counted with what is measured.
 * Tells its address, and how many requests it got whenever it is asked.
 */
import { fakeRegistry } from "../support/registry.ts";

const repository = "sciplat/lab";
const pageSize = 1000;
const names = tagNames(Number(process.argv[2])).sort();
const registry = await fakeRegistry();
registry.push(repository, "any", "{}");
let extra: string[] = [];

// The fake sorts all tags for every page; a hundred pages of 100,000 would keep it busy for longer than the reader.
registry.rule({
  method: "GET",
  path: `/v2/${repository}/tags/list`,
  reply: ({ query }) => {
    const last = new URLSearchParams(query).get("last");
    const start = last === null ? 0 : names.indexOf(last) + 1;
    const page = names.slice(start, start + pageSize);
    const isLast = start + pageSize >= names.length;
    const link = `</v2/${repository}/tags/list?last=${encodeURIComponent(page.at(-1) ?? "")}&n=${pageSize}>; rel="next"`;
    return {
      status: 200,
      headers: isLast ? {} : { link },
      body: { tags: isLast ? [...page, ...extra] : page },
    };
  },
});
registry.rule({
  method: "HEAD",
  reply: () => ({ status: 200, headers: { "docker-content-digest": `sha256:${"a".repeat(64)}` } }),
});

process.on("message", (message) => {
  if (message === "change") extra = ["exp_new"];
  process.send?.({ pages: registry.received("GET").length, digests: registry.received("HEAD").length });
  registry.requests.length = 0;
});
process.on("disconnect", () => process.exit());
process.send?.(registry.host);

/** Of every kind that a repository of a platform has, most of them dailies and weeklies. */
function tagNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const cycle = `c${String(index % 60).padStart(4, "0")}.${String(index % 7).padStart(3, "0")}`;
    const year = 2000 + (index % 90);
    if (index % 3 === 0) return `d_${year}_${1 + (index % 12)}_${1 + (index % 28)}_${cycle}_rsp${index}`;
    if (index % 3 === 1) return `w_${year}_${1 + (index % 52)}_${cycle}_rsp${index}`;
    return `exp_d_${year}_10_23_try${index}`;
  });
}
