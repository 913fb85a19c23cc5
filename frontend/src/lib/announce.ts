/**
 * Says something to those who do not see the page, once. The region is made empty when the page starts: one that comes
 * together with its words is not read out.
 */
export function announce(words: string): void {
  region().textContent = words
}

export function prepareAnnouncements(): void {
  region()
}

function region(): HTMLElement {
  const existing = document.getElementById('announcements')
  if (existing) return existing
  const made = document.createElement('div')
  made.id = 'announcements'
  made.className = 'sr-only'
  made.setAttribute('aria-live', 'polite')
  document.body.append(made)
  return made
}
