const blocked = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

/** Whether browsers, and fetch everywhere, refuse to talk to a port above 1023: https://fetch.spec.whatwg.org/#port-blocking */
export function isBlocked(port: number): boolean {
  return blocked.has(port)
}
