import { z } from "zod";
import { JOB_ENDED } from "../../../platform/jobs/job.events.ts";
import { isReadAlong, isSilentJob, jobNameOf } from "./job-names.ts";
import { notificationKind } from "./notification-kind.ts";

export const jobFailed = notificationKind({
  kind: "JOB_FAILED",
  description: "Work that the user asked for could not be done.",
  aboutJob: true,
  facts: z.object({ jobKind: z.string(), canRetry: z.boolean() }),
  texts: {
    EN: ({ jobKind, canRetry }) => ({
      title: `Your ${jobNameOf(jobKind, "EN")} did not work out`,
      body: canRetry ? "Open it to see why and to try again." : "Open it to see why.",
    }),
    KH: ({ jobKind, canRetry }) => ({
      title: `${jobNameOf(jobKind, "KH")}របស់អ្នកមិនបានសម្រេចទេ`,
      body: canRetry ? "សូមបើកមើលមូលហេតុ រួចព្យាយាមម្តងទៀត។" : "សូមបើកមើលមូលហេតុ។",
    }),
  },
  event: JOB_ENDED,
  newsOf: ({ id, userId, kind, status, failureCanRetry }) =>
    status === "FAILED" && !isSilentJob(kind)
      ? {
          userId,
          key: `${id}:failed`,
          refId: id,
          facts: { jobKind: kind, canRetry: failureCanRetry ?? false },
          unlessWatched: isReadAlong(kind),
        }
      : null,
});
