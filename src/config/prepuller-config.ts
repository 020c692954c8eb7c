/**
 * The configuration of the prepuller: one complete object, in which every default is filled in. Durations are
 * milliseconds, paths absolute.
 */
import type { Toleration } from "../domain/cluster-node.ts";
import type { LogConfig } from "./log-schema.ts";
import type { ResourcesConfig } from "./resources.ts";

export interface PrepullerConfig {
  readonly service: ServiceAccessConfig;
  /** By name; empty: the first one of the service. */
  readonly sources: readonly string[];
  /** Undefined: that of the cluster it runs in, then the usual places. */
  readonly kubeconfig: string | undefined;
  /** Where its pods and its lease are; undefined: its own, else `default`. */
  readonly namespace: string | undefined;
  /** Labels that a node has to have; empty: all nodes. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly refreshInterval: number;
  readonly maxConcurrentNodes: number;
  /** How long a pull is waited for. Whole seconds: the pod's own deadline. */
  readonly pullTimeout: number;
  /** How old what a node says of its images may be. */
  readonly nodeStatusLag: number;
  /** How many images a node lists at most, as the kubelets are set; -1: all. */
  readonly nodeStatusMaxImages: number;
  /** Whether pods of users that wait for an image go first. */
  readonly waitForUsers: boolean;
  /** To the Kubernetes API. */
  readonly requestsPerSecond: number;
  readonly pod: PullPodConfig;
  readonly lease: {
    readonly name: string;
    /** Whole seconds, as in the lease itself. */
    readonly duration: number;
  };
  /** Where the port for probes and metrics listens. */
  readonly metrics: { readonly address: string };
  readonly log: LogConfig;
}

/** The way to the service. */
export interface ServiceAccessConfig {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly clientCertificate: { readonly certificateFile: string; readonly keyFile: string } | undefined;
}

/** What the pod of a pull has besides what every one has. */
export interface PullPodConfig {
  readonly command: readonly string[];
  readonly pullSecret: string | undefined;
  readonly priorityClassName: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources: ResourcesConfig;
}
