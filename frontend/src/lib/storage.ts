export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** It keeps nothing, and says so. */
const forbidden: Store = {
  getItem: () => null,
  setItem: () => {
    throw new DOMException('this browser forbids storage', 'SecurityError')
  },
  removeItem: () => {},
}

/** What all tabs of this browser share, until it is removed. */
export function browserStorage(): Store {
  return allowed(() => localStorage)
}

/** What this tab keeps for as long as it is open. */
export function tabStorage(): Store {
  return allowed(() => sessionStorage)
}

/** Where a browser forbids storage, even looking at it throws; in a web view of an app there may be none. */
function allowed(open: () => Store | null): Store {
  try {
    return open() ?? forbidden
  } catch {
    return forbidden
  }
}
