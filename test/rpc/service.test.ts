/** The shared suite of answers, by every way in. */
import { describe } from "vitest";
import { everyWay } from "../support/transports.ts";
import { describeService } from "./service-suite.ts";

describe.each(everyWay)("%s", (_, open) => describeService(open));
