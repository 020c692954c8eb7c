/**
 * The metrics of the process itself: CPU, memory, files, delays of the event loop, by the names that every dashboard
 * knows. There is one process, so what measures them is made once, when they are first asked for.
 */
import { Metrics } from "./metrics.ts";

let metrics: Metrics | undefined;

/** In the text format of Prometheus. */
export function processMetrics(): Promise<string> {
  if (!metrics) {
    metrics = new Metrics();
    metrics.collectProcess();
  }
  return metrics.text();
}
