export interface Env {
  appName: string
  /** Path of the HTTP API on the page's own origin. */
  apiUrl: string
  /** Path of the WebSocket on the page's own origin. */
  wsUrl: string
}

// `//host/…` is a path to a regular expression and another host to a browser
const path = { pattern: /^\/(?!\/)[^\s#]*$/, form: 'a path on the site itself, such as /api' }

const settings = {
  VITE_APP_NAME: { default: 'Live Quiz', pattern: /^\S(.*\S)?$/, form: 'a name' },
  VITE_API_URL: { default: '/api', ...path },
  VITE_WS_URL: { default: '/ws', ...path },
}

/** The frontend's settings over their defaults. Throws one error that lists every malformed one. */
export function parseEnv(given: { [name in keyof typeof settings]?: string | undefined }): Env {
  const problems: string[] = []
  const read = (name: keyof typeof settings): string => {
    const setting = settings[name]
    const value = given[name] ?? setting.default
    if (!setting.pattern.test(value)) problems.push(`${name} is ${JSON.stringify(value)}, it must be ${setting.form}`)
    return value
  }
  const env = { appName: read('VITE_APP_NAME'), apiUrl: read('VITE_API_URL'), wsUrl: read('VITE_WS_URL') }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return env
}
