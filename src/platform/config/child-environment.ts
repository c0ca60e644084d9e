/** The environment for a child process: this one's, with changes. */
export const childEnvironment = (changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...changes,
});

/** Whether `npm start` is our parent process. */
export const startedByNpm = (): boolean => process.env["npm_lifecycle_event"] === "start";
