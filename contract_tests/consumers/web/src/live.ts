/** Events as they happen, across lost connections: none is missed and none comes twice. */

import { Code, ConnectError } from "@connectrpc/connect";

import type { UserEvent } from "../gen/api/user/v1/user_event_pb.js";
import type { Users } from "./users.js";

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;

export type Connection = "connecting" | "live" | "reconnecting" | "stopped";

export interface Listener {
  event(event: UserEvent): void;
  connection(state: Connection): void;
}

/** Codes that another attempt may be spared. */
const LASTING = new Set([
  Code.InvalidArgument,
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unimplemented,
]);

/** Follow events until the signal says stop, or the service refuses for good. */
export async function follow(users: Users, listener: Listener, signal: AbortSignal): Promise<void> {
  let token = "";
  let pause = FIRST_PAUSE;
  listener.connection("connecting");
  while (!signal.aborted) {
    try {
      const onHeader = (header: Headers): void => {
        token ||= header.get("x-resume-token") ?? "";
        pause = FIRST_PAUSE;
        listener.connection("live");
      };
      for await (const event of users.streamUserEvents({ resumeToken: token }, { signal, onHeader })) {
        token = event.resumeToken;
        listener.event(event);
      }
    } catch (error) {
      if (LASTING.has(ConnectError.from(error).code)) break;
    }
    if (signal.aborted) break;
    listener.connection("reconnecting");
    await new Promise((resume) => setTimeout(resume, jittered(pause)));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
  listener.connection("stopped");
}

/** Between half of it and all of it, so that many consoles do not return at once. */
function jittered(pause: number): number {
  return pause * (0.5 + Math.random() / 2);
}
