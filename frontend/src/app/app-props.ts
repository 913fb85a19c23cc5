/** What every page knows of the build it is in. */
export interface AppProps {
  name: string
  release: string
  apiUrl: string
  wsUrl: string
}
