/**
 * The example clients go the whole way, menu, choice, pod, while what they talk to comes, goes and changes.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labRepository } from "../support/content.ts";
import { crane } from "../support/crane.ts";
import { remove } from "../support/manifests.ts";
import { freePort } from "../support/ports.ts";
import { type Runtime, runtimes } from "../support/service.ts";
import { until } from "../support/until.ts";
import { type ClientName, clientCommands, clientNames, portFor } from "./commands.ts";
import { type Command, converse } from "./dialogue.ts";
import { layLine } from "./line.ts";
import { newStage, type Stage } from "./stage.ts";

let commands: Record<ClientName, Command>;

beforeAll(async () => {
  commands = await clientCommands();
}, 600_000);

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  describe.each(clientNames)("asked by the client %s", (name) => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await newStage(runtime);
    });
    afterAll(() => stage?.stop());

    const talk = (port = portFor(name, stage.place), patience?: number) =>
      converse(commands[name], { port, ...(patience && { patience }) });

    it("gives up a service that does not come, with its last error and no pod", async () => {
      const { status, stdout, stderr } = await talk(await freePort(), 3).end();
      expect(status, stderr).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^waiting: /m);
      expect(stderr.trim().split("\n").at(-1)).not.toMatch(/^waiting: /);
    });

    it("waits for a service that is not there, and then for its first listing", async () => {
      const client = talk();
      await client.hear(/waiting: /);
      await stage.startService();
      await client.hear("has not been listed yet");
      await stage.registry.start();
      await client.menu();
      client.say("recommended");
      expect(await client.image()).toBe(`${stage.lab}:recommended@${stage.digests.w43}`);
    });

    it("shows the menu of the service, in its order", async () => {
      await stage.service();
      const client = talk();
      const shown = await client.menu();
      const { images } = await stage.ask.menuImages({});
      expect(images.length).toBeGreaterThan(15);
      expect(shown.map(({ tag }) => tag)).toEqual(images.map(({ tag }) => tag));
      for (const [i, { name }] of images.entries()) expect(shown[i]?.name).toContain(name);
      client.say("no_such_tag");
      await client.hear("The menu has no no_such_tag.");
      client.say("d_2077_10_31");
      expect(await client.container()).toMatchObject({
        image: `${stage.lab}:d_2077_10_31@${stage.digests.d31}`,
        imagePullPolicy: "IfNotPresent",
      });
    });

    it("starts by its digest also what the menu has without one", async () => {
      const client = talk();
      await client.menu();
      client.say("MiXeD_CaSe");
      expect(await client.image()).toBe(`${stage.lab}:MiXeD_CaSe@${stage.digests.mixed}`);
    });

    it("shows the menu anew where the tag has moved since, and starts the new image", async () => {
      const client = talk();
      await client.menu();
      await crane("tag", `${stage.lab}:d_2077_10_28`, "d_2077_10_31");
      await stage.ask.updateImages({});
      client.say("d_2077_10_31");
      await client.hear("This tag has moved since the menu was made.");
      await client.menu();
      client.say("d_2077_10_31");
      expect(await client.image()).toBe(`${stage.lab}:d_2077_10_31@${stage.digests.d28}`);
    });

    it("says so where the image is gone, and takes another choice", async () => {
      const client = talk();
      await client.menu();
      await remove(stage.registry.host, labRepository, "MiXeD_CaSe");
      client.say("MiXeD_CaSe");
      await client.hear("This image is not there any more.");
      await client.menu();
      client.say("r28_0_1");
      expect(await client.image()).toBe(`${stage.lab}:r28_0_1@${stage.digests.r28}`);
    });

    it("outlives a restart of the service between menu and choice", async () => {
      const client = talk();
      await client.menu();
      expect(await (await stage.service()).program.end("SIGTERM")).toBe(0);
      client.say("recommended");
      await client.hear(/waiting: /);
      await stage.startService();
      expect(await client.image()).toBe(`${stage.lab}:recommended@${stage.digests.w43}`);
    });

    it("outlives the sudden death of the service while it waits for an answer", async () => {
      const line = await layLine(portFor(name, stage.place));
      try {
        const client = talk(line.port);
        await client.menu();
        line.cutAtNextWord();
        client.say("w_2077_43");
        await until("a call that was cut", line.isCut);
        await (await stage.service()).program.kill();
        await client.hear(/waiting: /);
        await stage.startService();
        expect(await client.image()).toBe(`${stage.lab}:w_2077_43@${stage.digests.w43}`);
      } finally {
        await line.stop();
      }
    });
  });
});

describe("what is special of a client", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await newStage("node");
    await stage.service();
  });
  afterAll(() => stage?.stop());

  it("KubeSpawner takes the recommended image where nothing is chosen", async () => {
    const client = converse(commands["Python in KubeSpawner"], { port: stage.place.port });
    await client.menu();
    client.say("");
    expect(await client.image()).toBe(`${stage.lab}:recommended@${stage.digests.w43}`);
  });

  it("KubeSpawner tells the program in the pod which image it is", async () => {
    const client = converse(commands["Python in KubeSpawner"], { port: stage.place.port });
    await client.menu();
    client.say("MiXeD_CaSe");
    const { env = [] } = await client.container();
    const told = env.filter(({ name }) => name.startsWith("JUPYTER_IMAGE")).map(({ value }) => value);
    const image = `${stage.lab}:MiXeD_CaSe@${stage.digests.mixed}`;
    expect(told).toEqual([image, image]);
  });
});

describe("a line that dies without a word", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await newStage("node");
    await stage.service();
  });
  afterAll(() => stage?.stop());

  it.concurrent.each(clientNames)("is noticed by the client %s", { timeout: 60_000 }, async (name) => {
    const line = await layLine(portFor(name, stage.place));
    try {
      const client = converse(commands[name], { port: line.port });
      await client.menu();
      line.die();
      client.say("recommended");
      expect(await client.image()).toBe(`${stage.lab}:recommended@${stage.digests.w43}`);
    } finally {
      await line.stop();
    }
  });
});
