/** Where an event is played: what pages, hosts and the judge need of it. */
export interface World {
  /** Where connections and requests may go, each as in http://127.0.0.1:3000; none: nothing takes them now. */
  origins(): string[]
  /** Seconds between two heartbeats of the tasks. */
  heartbeatSeconds: number
  adminSecret: string
  /** Names, tokens and codes of everyone: none of them may be in a log line. */
  secrets: Set<string>
  /** Open ones would keep a test that has failed from ending: they are closed with the world. */
  pages: Set<{ close(): void }>
  /** The application table, and what the SDK reads to find it. */
  table: { name: string; sdk: Record<string, string> }
}

/** What the SDK reads to find a table and the key to it. */
export function sdkEnvironment(endpoint: string, [id, secret] = ['local', 'local']): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  }
}
