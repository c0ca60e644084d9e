import { readSkin } from "./skin-reader.ts";
import { answerRequests } from "./thread-server.ts";

answerRequests(readSkin);
