/**
 * The configuration that the service is started with: four sources on one registry.
 */
import { labRepository, manyRepository } from "./content.ts";
import { type Place, portsOf } from "./place.ts";

export interface ConfigOptions {
  readonly place: Place;
  readonly registry: string;
}

export function configuration({ place, registry }: ConfigOptions): string {
  const { grpc, http } = portsOf(place);
  return `
grpc: ${JSON.stringify(grpc)}
http: ${JSON.stringify(http)}
shutdown: { wait: 0s, grace: 5s }
log: { level: debug }
sources:
  - name: lab # the default, and the one that most tests ask
    type: docker
    registry: ${registry}
    repository: ${labRepository}
    scheme: http
    refreshInterval: 0
    resolveTtl: 0
    aliasTags: [latest_weekly, latest_release]
    pin: [latest_release, w_2077_44-arm64]
  - name: cycle # only what names the cycle
    type: docker
    registry: ${registry}
    repository: ${labRepository}
    scheme: http
    refreshInterval: 0
    cycle: 45
    recommendedTag: recommended_c0045
  - name: short # a filtered menu, and a weekly as the recommended tag
    type: docker
    registry: ${registry}
    repository: ${labRepository}
    scheme: http
    refreshInterval: 0
    recommendedTag: w_2077_43
    filter:
      release: { cutoffVersion: 27.0.0, cutoffBuild: 19 }
      weekly: { number: 1 }
      daily: { cutoffDate: 2077-10-30, number: 5 }
      releaseCandidate: { number: 0 }
      experimental: { cutoffDate: 2077-10-15 }
      unknown: hide
  - name: many # more than one page
    type: docker
    registry: ${registry}
    repository: ${manyRepository}
    scheme: http
    refreshInterval: 0
`;
}
