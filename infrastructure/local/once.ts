/** Makes something when it is first asked for, and never again. */
export function once<Made>(make: () => Made): (() => Made) & { isMade: () => boolean } {
  let made: { it: Made } | undefined
  return Object.assign(() => (made ??= { it: make() }).it, { isMade: () => made !== undefined })
}
