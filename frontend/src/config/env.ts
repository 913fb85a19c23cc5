import { parseEnv } from './parse-env.ts'

// Each key is named: a bare `import.meta.env` would copy the build's mode into the bundle, and the
// same sources would no longer give the same bytes in every environment.
export const env = parseEnv({
  VITE_APP_NAME: import.meta.env.VITE_APP_NAME,
  VITE_API_URL: import.meta.env.VITE_API_URL,
  VITE_WS_URL: import.meta.env.VITE_WS_URL,
})
