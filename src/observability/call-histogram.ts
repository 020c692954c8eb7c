/**
 * A histogram of `prom-client` whose series are plain numbers until somebody reads them: the library looks labels up for
 * every value, which is a good part of what a call costs that is answered from memory.
 */
import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from "prom-client";

export interface CallHistogramOptions {
  readonly name: `${string}_seconds`;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly labelNames: readonly string[];
  readonly register: Registry;
}

type Values = MetricObjectWithValues<MetricValueWithName<string>>;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** By bucket, each value in one; the last has what is beyond all bounds. */
  readonly counts: number[];
  sum: number;
}

export class CallHistogram extends Histogram<string> {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: Series[] = [];

  constructor({ name, help, buckets, labelNames, register }: CallHistogramOptions) {
    super({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers: [register] });
    this.#name = name;
    this.#help = help;
    this.#bounds = buckets;
  }

  /** Takes the values of one combination of labels, in seconds. */
  series(labels: Readonly<Record<string, string>>): (seconds: number) => void {
    const bounds = this.#bounds;
    const series: Series = { labels, counts: new Array(bounds.length + 1).fill(0), sum: 0 };
    const { counts } = series;
    this.#series.push(series);
    return (seconds) => {
      let bucket = 0;
      while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      series.sum += seconds;
    };
  }

  override get(): Promise<Values> {
    const values = this.#series.flatMap((series) => this.#valuesOf(series));
    return Promise.resolve({
      ...{ name: this.#name, help: this.#help, type: "histogram", aggregator: "sum", values },
    } as unknown as Values);
  }

  /** What the library's registry asks first. */
  getForPromString(): Promise<Values> {
    return this.get();
  }

  #valuesOf({ labels, counts, sum }: Series): object[] {
    let count = 0;
    const buckets = counts.map((own, index) => {
      count += own;
      const le = this.#bounds[index] ?? "+Inf";
      return { metricName: `${this.#name}_bucket`, labels: { le, ...labels }, value: count };
    });
    if (count === 0) return [];
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
