/** Put in by the build: vite.config.ts. */
declare const builtSettings: import('./config/parse-env.ts').Env
