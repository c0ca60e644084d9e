import { randomUUID } from "node:crypto";

const LOGIN = `mutation Login($input: LoginWithDeviceInput!) {
  loginWithDevice(input: $input) { session { accessToken viewer { id } } problems { code } }
}`;

/** Signs a new guest in. */
export async function signIn(url: string): Promise<{ userId: string; accessToken: string }> {
  const input = {
    deviceId: randomUUID(),
    deviceSecret: randomUUID() + randomUUID(),
    platform: "IOS",
  };
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: LOGIN, variables: { input } }),
  });
  const { data } = (await response.json()) as { data: any };
  const { accessToken, viewer } = data.loginWithDevice.session;
  return { accessToken, userId: viewer.id };
}
