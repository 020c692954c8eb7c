/**
 * The configuration of the service: one complete object, in which every default is filled in. Durations are
 * milliseconds, sizes bytes, paths absolute.
 */
import type { MenuFilter } from "../domain/menu-filter.ts";
import type { NodeCache } from "../domain/node-cache.ts";
import type { PrepullOptions } from "../domain/prepull-options.ts";
import type { LogConfig } from "./log-schema.ts";

export interface Config {
  readonly grpc: {
    readonly address: string;
    /** Undefined: plaintext. */
    readonly tls: ServerTlsConfig | undefined;
    /** Undefined: nobody is asked for a token. */
    readonly tokensFile: string | undefined;
    readonly maxConcurrentStreams: number;
  };
  readonly http: {
    readonly address: string;
    /** Undefined: plaintext. */
    readonly tls: ServerTlsConfig | undefined;
    /** Web pages of these origins may call. */
    readonly allowedOrigins: readonly string[];
  };
  readonly shutdown: {
    /** After SIGTERM: how long to be not ready before draining. */
    readonly wait: number;
    /** How long calls have to end. */
    readonly grace: number;
  };
  /** Where what is known is kept; undefined: a restart begins with nothing. */
  readonly stateDirectory: string | undefined;
  readonly log: LogConfig;
  readonly sources: readonly SourceConfig[];
}

export interface ServerTlsConfig {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Undefined: clients need no certificate. */
  readonly clientCaFile: string | undefined;
}

export type SourceConfig = DockerSourceConfig | GoogleSourceConfig | StaticSourceConfig;

/** What every kind of source has. */
export interface CommonSourceConfig {
  readonly name: string;
  readonly refreshInterval: number;
  readonly refreshTimeout: number;
  readonly resolveTtl: number;
  readonly prepull: PrepullOptions;
  readonly filter: MenuFilter;
  /** What is known of nodes before anybody tells. */
  readonly nodeCache: NodeCache;
}

export interface DockerSourceConfig extends CommonSourceConfig {
  readonly type: "docker";
  readonly registry: string;
  readonly repository: string;
  readonly scheme: "https" | "http";
  readonly caFile: string | undefined;
  readonly clientCertificate: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  readonly insecureSkipVerify: boolean;
  readonly credentialsFile: string | undefined;
  readonly authHosts: readonly string[];
  readonly maxRequests: number;
  readonly budget: { readonly pages: number; readonly tags: number; readonly bytes: number };
}

export interface GoogleSourceConfig extends CommonSourceConfig {
  readonly type: "google";
  readonly location: string;
  readonly projectId: string;
  /** Of Artifact Registry; what references go on with has project and image too. */
  readonly repository: string;
  readonly image: string;
  readonly credentialsFile: string | undefined;
  readonly endpoint: string | undefined;
}

export interface StaticSourceConfig extends CommonSourceConfig {
  readonly type: "static";
  readonly registry: string;
  readonly repository: string;
  readonly images: readonly StaticImage[];
}

export interface StaticImage {
  readonly name: string;
  readonly digest: string | undefined;
  readonly size: number | undefined;
}
