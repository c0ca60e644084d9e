import { MongoNetworkError, MongoNotConnectedError, MongoServerSelectionError } from "mongodb";
import { isConnectionLoss } from "../db/faults.ts";

/** Whether a store could not be reached, so that the same may work a moment later. */
export function isStoreAway(error: unknown): boolean {
  return (
    isConnectionLoss(error) ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    error instanceof MongoNotConnectedError
  );
}
