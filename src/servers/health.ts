/**
 * The health service of gRPC: whether the server is ready, asked once or watched.
 *
 * What ready means is decided elsewhere; one answer holds for all services.
 */
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health as HealthService,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.ts";

export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<() => void>();
  #isServing = false;

  /** `services` are known besides the empty name, which means the server as a whole. */
  constructor(services: readonly string[]) {
    this.#services = new Set(["", ...services]);
  }

  /** Tells all who watch, where it is a change. */
  set(isServing: boolean): void {
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    for (const notify of this.#watchers) notify();
  }

  get #status(): Status {
    return this.#isServing ? Status.SERVING : Status.NOT_SERVING;
  }

  service(): ServiceImpl<typeof HealthService> {
    return {
      check: ({ service }) => {
        if (!this.#services.has(service)) throw new ConnectError("unknown service", Code.NotFound);
        return { status: this.#status };
      },
      list: () => ({
        statuses: Object.fromEntries([...this.#services].map((name) => [name, { status: this.#status }])),
      }),
      watch: ({ service }, { signal }) => this.#watch(service, signal),
    };
  }

  async *#watch(service: string, signal: AbortSignal) {
    const current = () => (this.#services.has(service) ? this.#status : Status.SERVICE_UNKNOWN);
    let notify = () => {};
    const watcher = () => notify();
    this.#watchers.add(watcher);
    signal.addEventListener("abort", watcher);
    try {
      while (!signal.aborted) {
        const told = current();
        yield { status: told };
        while (!signal.aborted && current() === told) {
          await new Promise<void>((resolve) => {
            notify = resolve;
          });
        }
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener("abort", watcher);
    }
  }
}
