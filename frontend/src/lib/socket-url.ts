/** The address of a WebSocket on the page's own origin: browsers refuse ws:// from an https page. */
export function socketUrl(path: string, page: { protocol: string; host: string }): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${path}`
}
