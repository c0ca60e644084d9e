import { z } from "zod";
import { JOB_ENDED } from "../../../platform/jobs/job.events.ts";
import { isReadAlong, isSilentJob, jobNameOf } from "./job-names.ts";
import { notificationKind } from "./notification-kind.ts";

export const jobSucceeded = notificationKind({
  kind: "JOB_SUCCEEDED",
  description: "Work that the user asked for is done.",
  aboutJob: true,
  facts: z.object({ jobKind: z.string() }),
  texts: {
    EN: ({ jobKind }) => ({
      title: `Your ${jobNameOf(jobKind, "EN")} is ready`,
      body: "Open it to see the result.",
    }),
    KH: ({ jobKind }) => ({
      title: `${jobNameOf(jobKind, "KH")}របស់អ្នករួចរាល់ហើយ`,
      body: "សូមបើកមើលលទ្ធផល។",
    }),
  },
  event: JOB_ENDED,
  newsOf: ({ id, userId, kind, status }) =>
    status === "SUCCEEDED" && !isSilentJob(kind)
      ? {
          userId,
          key: `${id}:succeeded`,
          refId: id,
          facts: { jobKind: kind },
          unlessWatched: isReadAlong(kind),
        }
      : null,
});
