/**
 * A program that asks a service, for tests that run it on another runtime: some calls one after the other, and how each
 * ended as a line of JSON. What nobody catches ends it, as it would end the real one.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { openServiceClient } from "../../src/client/service-client.ts";

const [options = "{}", count = "1"] = process.argv.slice(2);
const log = { debug() {}, info() {}, error() {} };
const client = openServiceClient(JSON.parse(options), log, { deadlineOf: () => 5_000 });

for (let call = 0; call < Number(count); call += 1) {
  const end = await client.rpc.updateImages({}).then(
    () => "answered",
    (error: unknown) => Code[ConnectError.from(error).code],
  );
  console.log(JSON.stringify(end));
}
client.close();
await new Promise((resolve) => setTimeout(resolve, 50)); // for what a connection has still to say
process.exit(0);
