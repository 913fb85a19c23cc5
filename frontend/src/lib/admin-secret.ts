const key = 'live-quiz:admin-secret'

/**
 * The admin secret, for as long as the tab is open and nowhere else: the next to open the browser signs in again.
 * The quizzes that were being edited are kept apart from it.
 */
export function readAdminSecret(store: Pick<Storage, 'getItem'> = sessionStorage): string | undefined {
  return store.getItem(key) ?? undefined
}

export function keepAdminSecret(secret: string, store: Pick<Storage, 'setItem'> = sessionStorage): void {
  store.setItem(key, secret)
}

export function forgetAdminSecret(store: Pick<Storage, 'removeItem'> = sessionStorage): void {
  store.removeItem(key)
}
