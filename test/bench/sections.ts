/**
 * The sections of the bench: what each measures, and how its results are shown.
 */
import { benchGrpc } from "./grpc.ts";
import { benchHttp } from "./http.ts";
import { benchMarks } from "./marks.ts";
import { benchMemory } from "./memory.ts";
import type { Options, SectionName } from "./options.ts";
import { benchPrepull } from "./prepull.ts";
import { benchRefresh } from "./refresh.ts";
import { benchStalls } from "./stalls.ts";
import { benchStart } from "./start.ts";
import { comparisonTable, rounded } from "./tables.ts";
import { benchUnary } from "./unary.ts";
import { benchUpdate } from "./update.ts";

export interface Section<T> {
  readonly title: string;
  run(options: Options): Promise<T>;
  /** What `console.table` shows. */
  table(result: NoInfer<T>): unknown;
}

const section = <T>(it: Section<T>): Section<T> => it;

export const sections = {
  grpc: section({
    title: "gRPC port: ratios of calls per second and of CPU time, above 1 is better than the other",
    run: benchGrpc,
    table: comparisonTable,
  }),
  http: section({
    title: "HTTP port, Connect (empty where the service has none)",
    run: benchHttp,
    table: comparisonTable,
  }),
  marks: section({ title: "Marks at few nodes and many", run: benchMarks, table: comparisonTable }),
  refresh: section({
    title: "Reading a registry: wall and CPU time and the longest stall in ms, memory above rest in MB",
    run: benchRefresh,
    table: rounded,
  }),
  update: section({ title: "UpdateImages with a large cluster", run: benchUpdate, table: rounded }),
  stalls: section({
    title: "MenuImages, 200 calls a second, latency in ms while the service is at something else",
    run: (options) => benchStalls(options),
    table: rounded,
  }),
  start: section({ title: "Start, static source of 100 images, ms", run: benchStart, table: rounded }),
  memory: section({
    title: "Resident memory in MB: at rest, after 100,000 calls, after 1,000,000",
    run: benchMemory,
    table: rounded,
  }),
  prepull: section({
    title: "The prepuller with 5,000 nodes of 50 images, 10 images wanted (goals in brackets)",
    run: benchPrepull,
    table: ({ rows }) => rows,
  }),
  unary: section({
    title: "An own unary path (an experiment, only where it is named) beside the service",
    run: benchUnary,
    table: comparisonTable,
  }),
};

export type Results = { -readonly [K in SectionName]?: Awaited<ReturnType<(typeof sections)[K]["run"]>> };
