/**
 * The gRPC health service, as a probe asks it.
 */
import { createClient } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../../../gen/grpc/health/v1/health_pb.ts";
import { transport } from "./clients.ts";
import type { Place } from "./place.ts";
import type { Service } from "./service.ts";
import { until } from "./until.ts";

export { Status };

export async function health(place: Place, service = ""): Promise<Status> {
  return (await createClient(Health, transport(place)).check({ service })).status as Status;
}

/** Waits until the service says that it can answer. */
export async function ready({ place, program }: Service, seconds = 20): Promise<void> {
  const serving = async () => {
    program.mustRun();
    return (await health(place)) === Status.SERVING;
  };
  try {
    await until("SERVING from the health service", serving, seconds);
  } catch (error) {
    throw new Error(`${error}\n${program.output().slice(-2000)}`, { cause: error });
  }
}
