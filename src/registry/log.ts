/** Where a reader tells what it did. Secrets and query strings never go there. */
export interface RegistryLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
