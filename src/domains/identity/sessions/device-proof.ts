import { sign } from "../../../platform/crypto/tokens.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";

const DEVICE_ID = /^[\x21-\x7e]{8,128}$/;
const DEVICE_SECRET = /^[\x21-\x7e]{16,256}$/;

/** Checks the form of what a device shows. @throws BAD_USER_INPUT */
export function checkDevice(shown: { deviceId: string; deviceSecret: string }): void {
  if (!DEVICE_ID.test(shown.deviceId)) {
    throw badUserInput("A device id has 8 to 128 printable characters without spaces.", [
      "input",
      "deviceId",
    ]);
  }
  if (!DEVICE_SECRET.test(shown.deviceSecret)) {
    throw badUserInput("A device secret has 16 to 256 printable characters without spaces.", [
      "input",
      "deviceSecret",
    ]);
  }
}

/** What is stored of a device's secret. */
export const deviceSecretHash = (secretKey: string, deviceSecret: string): string =>
  sign(secretKey, `device secret ${deviceSecret}`);

/** What limits and the audit know an address, a phone or a device by. @param name An address in lower case. */
export const signInSubject = (secretKey: string, name: string): string =>
  sign(secretKey, `sign-in subject ${name}`);
