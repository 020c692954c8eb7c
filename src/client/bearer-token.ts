/**
 * Who we are to the service: a bearer token from a file, which may be replaced under a running program.
 */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { type FilesLog, watchFiles } from "../files/watched-files.ts";

export interface BearerToken {
  /** Sends it with every call. */
  readonly interceptor: Interceptor;
  close(): void;
}

/** Fails, naming the file and not its content, where it cannot be used. */
export function bearerToken(file: string, log: FilesLog, intervalMs: number | undefined): BearerToken {
  const interval = intervalMs === undefined ? {} : { intervalMs };
  const token = watchFiles([file], { what: "token file", parse, log, ...interval });
  const interceptor: Interceptor = (next) => async (request) => {
    const sent = token.value;
    request.header.set("authorization", `Bearer ${sent}`);
    try {
      return await next(request);
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated || request.stream) throw error;
      await token.check(); // it may have been replaced a moment ago
      if (token.value === sent) throw error;
      request.header.set("authorization", `Bearer ${token.value}`);
      return await next(request);
    }
  };
  return { interceptor, close: () => token.close() };
}

/** What a header can hold, without spaces. */
function parse([content = ""]: readonly string[]): string {
  const token = content.trim();
  if (!/^[!-~]+$/.test(token)) throw new Error("it has to hold one token, and nothing else");
  return token;
}
