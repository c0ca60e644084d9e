import { readSkin } from "./skin-reader.ts";
import { answerRequests } from "../../../platform/threads/thread-server.ts";

answerRequests(readSkin);
