import { type Store, tabStorage } from './storage.ts'

const key = 'live-quiz:admin-secret'

/**
 * The admin secret, for as long as the tab is open and nowhere else: the next to open the browser signs in again.
 * The quizzes that were being edited are kept apart from it.
 */
export function readAdminSecret(store: Store = tabStorage()): string | undefined {
  return store.getItem(key) ?? undefined
}

export function keepAdminSecret(secret: string, store: Store = tabStorage()): void {
  try {
    store.setItem(key, secret)
  } catch {
    // this page keeps it; a reload asks for it again
  }
}

export function forgetAdminSecret(store: Store = tabStorage()): void {
  store.removeItem(key)
}
