/** Alert rules and dashboard: Prometheus takes them, and what they ask for is what the two programs tell. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { PrepullMetrics } from "../../src/observability/prepull-metrics.ts";
import { processMetrics } from "../../src/observability/process-metrics.ts";
import { ServerMetrics } from "../../src/observability/server-metrics.ts";
import { metricsOf } from "./promql.ts";

const read = (path: string) => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}
const { groups } = parse(read("prometheus/image-source.yaml")) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(read("grafana/image-source.json")) as {
  panels: Panel[];
  templating: { list: { name: string }[] };
};
const panels = dashboard.panels.filter(({ type }) => type !== "row");

/** The metrics of both programs, each with its labels; of their own accord Prometheus adds the job and the instance. */
async function told(): Promise<Map<string, Set<string>>> {
  const server = new ServerMetrics(() => [
    {
      ...{ name: "lab", tags: 1, images: 1, nodes: 1, wanted: 1, prepulled: 1, saveFailures: 1 },
      ...{ isStale: false, ageSeconds: 1, refreshSeconds: 1 },
    },
  ]);
  const menu = server.method("unary", ImageSourceService.typeName, "MenuImages");
  menu.started();
  menu.handled("OK", 1);
  server.registryRequest("r.example", "200");
  const prepuller = new PrepullMetrics();
  prepuller.pullStarted();
  prepuller.pullSucceeded(1);
  prepuller.pullFailed("ErrImagePull");
  prepuller.progress({ wanted: 1, present: 1, eligible: 1, ineligible: 1, stuck: ["node-1"] });
  const found = new Map([["up", new Set(["job", "instance"])]]);
  const text = `${await server.text()}${await prepuller.text()}${await processMetrics()}`;
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const known = found.get(name) ?? new Set(["job", "instance"]);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

/** As Grafana sends it. */
const filledIn = (expr: string) =>
  expr.replaceAll("$__rate_interval", "5m").replaceAll("$job", "image-source");

const expressions: [string, string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }, index): [string, string] => [`${title}, ${index + 1}`, filledIn(expr)]),
  ),
];

describe.each(expressions)("%s", (_, expression) => {
  it("is PromQL over metrics and labels that there are", async () => {
    const known = await told();
    const named = metricsOf(expression);
    expect(named.length).toBeGreaterThan(0);
    for (const { metric, labels } of named) {
      expect([...known.keys()]).toContain(metric);
      for (const label of labels) expect([...(known.get(metric) ?? [])]).toContain(label);
    }
  });
});

it("what is no PromQL is noticed", () => {
  for (const wrong of ["sum(rate(a[5m])", "a >", "rate(a[5 minutes])", ""])
    expect(() => {
      if (metricsOf(wrong).length === 0) throw new Error("nothing");
    }, wrong).toThrow();
  expect(metricsOf('sum by (le) (rate(a{b="c",d!~"e"}[5m])) / on (f) g')).toEqual([
    { metric: "a", labels: ["b", "d"] },
    { metric: "g", labels: [] },
  ]);
});

describe("rules", () => {
  it("have names of their own, a time, a severity and what to do", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.for).toMatch(/^\d+[mh]$/);
      expect(["critical", "warning"]).toContain(rule.labels.severity);
      for (const key of ["summary", "description"]) expect(rule.annotations[key]).toMatch(/\w/);
    }
  });

  it("ask for codes as the service names them", () => {
    const codes = rules.flatMap(({ expr }) => [...expr.matchAll(/grpc_code=~?"([^"]*)"/g)]);
    const names = codes.flatMap(([, value = ""]) => value.split("|"));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Za-z]+$/); // NotFound, not NOT_FOUND
  });
});

it("panels do not lie upon each other", () => {
  const cells = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, cells.get(`${x},${y}`)]).toEqual([title, undefined]);
        cells.set(`${x},${y}`, title);
        expect(x).toBeLessThan(24);
      }
});
