/**
 * The HTTP/2 connection to the API: Connect's, which opens it when it is needed and closes it when it is idle, kept from
 * ending the process. It has no keep-alive: a ping that is not answered would do just that.
 */
import { Http2SessionManager } from "@connectrpc/connect-node";

export class Connection extends Http2SessionManager {
  override async request(
    ...request: Parameters<Http2SessionManager["request"]>
  ): ReturnType<Http2SessionManager["request"]> {
    const stream = await super.request(...request);
    // Who fails a call for what the other side sends, such as HTTP/1.1, tells the call first and the connection later,
    // when nobody listens to it any more if the next attempt has begun: an error that nobody hears ends the process.
    const { session } = stream;
    if (session && !session.listeners("error").includes(ignore)) session.on("error", ignore);
    return stream;
  }
}

/** The call has been told already. */
function ignore(): void {}
