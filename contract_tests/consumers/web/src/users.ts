/** What the console asks of the service, and what it makes of the answers. */

import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import type { User } from "../gen/api/user/v1/user_pb.js";
import { UserService } from "../gen/api/user/v1/user_service_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";

export type Users = Client<typeof UserService>;

export const PAGE = 20;

/** The service behind Envoy at this address. */
export function usersAt(edge: string): Users {
  return createClient(UserService, createGrpcWebTransport({ baseUrl: edge }));
}

/** An error as people may read it, and as a form shows it. */
export interface Problem {
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  /** Field → what is wrong with it. */
  readonly fields: ReadonlyMap<string, string>;
}

export function problemOf(error: unknown): Problem {
  const known = ConnectError.from(error);
  const violations = known.findDetails(BadRequestSchema).flatMap((d) => d.fieldViolations);
  return {
    code: Code[known.code],
    reason: known.findDetails(ErrorInfoSchema)[0]?.reason ?? "",
    message: known.rawMessage,
    fields: new Map(violations.map((v) => [v.field, v.description])),
  };
}

export async function page(users: Users, token: string): Promise<{ users: User[]; next: string }> {
  const asked = { pageSize: PAGE, pageToken: token, orderBy: "display_name" };
  const reply = await users.listUsers(asked, { timeoutMs: 5_000 });
  return { users: reply.users, next: reply.nextPageToken };
}

/** Create once: repeating the call with the same key creates nobody else. */
export function create(users: Users, email: string, displayName: string, key: string): Promise<User> {
  return users.createUser({ user: { email, displayName }, idempotencyKey: key }, { timeoutMs: 5_000 });
}

export function rename(users: Users, userId: string, displayName: string): Promise<User> {
  const change = { user: { userId, displayName }, updateMask: { paths: ["display_name"] } };
  return users.updateUser(change, { timeoutMs: 5_000 });
}
