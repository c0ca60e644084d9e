import { randomUUID } from "node:crypto";
import { PasswordHasher } from "../../../src/domains/identity/accounts/password-hasher.ts";
import { TestClient } from "../../support/client.ts";
import { LOGIN_WITH_DEVICE, type World } from "../../support/world.ts";

/** How a device shows itself. */
export interface DeviceCredentials {
  readonly deviceId: string;
  readonly deviceSecret: string;
}

/** Somebody with nothing but a device. */
export interface Guest {
  readonly client: TestClient;
  readonly device: DeviceCredentials;
}

export const PASSWORD = "correct horse battery";
const hasher = new PasswordHasher();

/** Signs a device in. */
export async function openGuest(
  world: World,
  device: DeviceCredentials = {
    deviceId: randomUUID(),
    deviceSecret: randomUUID() + randomUUID(),
  },
): Promise<Guest> {
  const { loginWithDevice } = await world
    .stranger()
    .must(LOGIN_WITH_DEVICE, { input: { ...device, platform: "IOS" } });
  const { accessToken, refreshToken, viewer } = loginWithDevice.session;
  const session = { accessToken, refreshToken, userId: viewer.id as string };
  return { client: new TestClient(world.url, session), device };
}

/** Somebody who signs in by an address and `PASSWORD`, and is signed in. */
export async function openAccount(world: World, email: string): Promise<TestClient> {
  const { client } = await openGuest(world);
  await world.nodes[0]!.stores.database.query(
    `update users set email = $2, email_verified_at = now(), password_hash = $3 where id = $1`,
    [client.userId, email, await hasher.hash(PASSWORD)],
  );
  return client;
}

/** Gives points. */
export async function givePoints(world: World, userId: string, amount: number): Promise<void> {
  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  const id = world.nodes[0]!.stores.ids.next("gft");
  const gift = { userId, currency: "POINTS", amount, kind: "REWARD" } as const;
  const reference = { type: "gift", id };
  await unitOfWork.run((tx) => wallet.wallets.credit(tx, { ...gift, reference, key: id }));
}

/** Holds points for a thing, as its job would. */
export async function holdPoints(world: World, userId: string, amount: number) {
  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  const id = world.nodes[0]!.stores.ids.next("try");
  const reference = { type: "job", id };
  const hold = { userId, currency: "POINTS", amount, reference, key: id } as const;
  const expiresAt = new Date(Date.now() + 600_000);
  await unitOfWork.run((tx) => wallet.holds.hold(tx, { ...hold, expiresAt }));
  return reference;
}

/** A stored operation of the app. */
export const ADD_ADDRESS = /* GraphQL */ `
  mutation AddAddress($input: AddAddressInput!) {
    addAddress(input: $input) {
      address {
        id
        isDefault
      }
      problems {
        code
      }
    }
  }
`;

export const HOME = {
  type: "SHIPPING",
  firstName: "Sokha",
  lastName: "Chan",
  addressLine1: "12 Mekong Road",
  city: "Phnom Penh",
  country: "KH",
};

export const MERGE = /* GraphQL */ `
  mutation MergeGuest($input: MergeGuestInput!) {
    mergeGuest(input: $input) {
      merged {
        name
        count
      }
      viewer {
        id
        firstName
      }
      problems {
        code
        path
      }
    }
  }
`;
